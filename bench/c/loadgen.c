/* The load generator: rooms of members over WebSocket, each of whom checks every message.
 *
 * A message carries a token: ~ room sender number time ~, in sixteen letters. The time is
 * when it was due to be sent. With a window, W messages are outstanding in each room and a sender
 * sends the next when their own came back (closed loop). With a rate, messages are sent at random
 * moments of a Poisson process, and a delay of this program counts as a delay of the message: there
 * is no coordinated omission. Everybody must hear every sender's messages in order and once.
 *
 * A server may put several messages, a line each, into one frame, and several frames into one read.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "hearing.h"

enum {
    EVENTS = 512,
    READ_BYTES = 1 << 20,
    TOGETHER = 64, /* handshakes under way */
};

static const uint64_t DRAIN_NS = 2000000000u; /* silence after which nothing more will come */

static size_t started;
static uint8_t arrived[READ_BYTES];

static void lose(struct connection *c) {
    if (!stopping) tally.closed++;
    c->closed = true;
    close(c->fd);
    if (!c->ready) fail("A connection was closed before it was ready.");
}

static void read_in(struct connection *c) {
    if (c->in_length) memcpy(arrived, c->in, c->in_length);
    ssize_t got = recv(c->fd, arrived + c->in_length, READ_BYTES - 1 - c->in_length, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        lose(c);
        return;
    }
    size_t have = c->in_length + (size_t)got, at = 0, used;
    uint64_t now = now_ns();
    arrived[have] = 0;
    if (!c->shaken) {
        uint8_t *end = memmem(arrived, have, "\r\n\r\n", 4);
        if (end) {
            if (memcmp(arrived, "HTTP/1.1 101", 12)) {
                fprintf(stderr, "%.*s\n", 200, arrived);
                fail("A handshake was refused.");
            }
            at = (size_t)(end + 4 - arrived);
            c->shaken = true;
            walk(c, NULL, 0);
        }
    }
    struct ws_frame frame;
    while (c->shaken && !c->closed && (used = ws_next(arrived + at, have - at, &frame))) {
        at += used;
        hear_frame(c, &frame, now);
    }
    c->in_length = have - at;
    c->in = c->in_length ? realloc(c->in, c->in_length) : c->in;
    if (c->in_length) memcpy(c->in, arrived + at, c->in_length);
}

static void begin(struct connection *c) {
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)plan.port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&there, sizeof there)) {
        fail("The server cannot be reached.");
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char request[TEXT_BYTES];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                          c->who->path, plan.port, c->who->headers);
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
    write_out(c, request, (size_t)length);
}

static void wait_for_events(int timeout_ms) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poll_fd, events, EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (!c || c->closed) continue; /* none: the timer */
        if (events[i].events & EPOLLOUT) write_rest(c);
        if (events[i].events & ~(uint32_t)EPOLLOUT) read_in(c);
    }
}

static void arrive(void) {
    uint64_t start = now_ns();
    while (ready_count < plan.member_count) {
        while (started < plan.member_count && started < ready_count + TOGETHER) {
            begin(&all[started++]);
        }
        wait_for_events(1000);
        if (now_ns() - start > 120000000000u) fail("Not everybody was ready after two minutes.");
    }
    double took = (double)(now_ns() - start) / 1e9;
    printf("{\"ready\":%zu,\"handshakes_per_s\":%.1f}\n", ready_count, (double)ready_count / took);
    fflush(stdout);
}

/* Send what is due of the Poisson process and answer when the next is. */
static uint64_t send_due(uint64_t next) {
    while (next <= now_ns() && next < until_ns) {
        struct connection *sender = &all[(size_t)(drand48() * (double)plan.member_count)];
        if (sender->deaf) continue;
        speak(sender, next);
        next += (uint64_t)(-log(1 - drand48()) / plan.rate * 1e9);
    }
    return next;
}

/* The last member of each of the first rooms stops reading, as a phone does in a lift. */
static void stop_reading(void) {
    for (size_t i = 0; i < plan.member_count; i++) {
        if (all[i].who->room < plan.stopped && all[i].who->place == plan.largest - 1) {
            all[i].deaf = true;
            epoll_ctl(poll_fd, EPOLL_CTL_DEL, all[i].fd, NULL);
        }
    }
}

static void run(int timer) {
    double own = 0, theirs = 0;
    uint64_t start = now_ns(), next = start;
    bool begun = false;
    from_ns = start + (uint64_t)(plan.warmup * 1e9);
    until_ns = from_ns + (uint64_t)(plan.seconds * 1e9);
    for (size_t i = 0; i < plan.member_count; i++) {
        struct member *who = all[i].who;
        for (size_t w = who->place; w < plan.window; w += plan.largest) speak(&all[i], now_ns());
    }
    for (;;) {
        uint64_t now = now_ns();
        if (!begun && now >= from_ns) {
            begun = true;
            own = own_cpu(), theirs = cpu_of(plan.watch);
        }
        if (now >= until_ns) break;
        if (plan.rate > 0) {
            next = send_due(next);
            struct itimerspec at = {.it_value = {(time_t)(next / 1000000000u),
                                                 (long)(next % 1000000000u)}};
            timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
        }
        uint64_t edge = begun ? until_ns : from_ns;
        wait_for_events((int)((edge - now) / 1000000u) + 1);
    }
    double wall = (double)(now_ns() - from_ns) / 1e9;
    own = (own_cpu() - own) / wall, theirs = (cpu_of(plan.watch) - theirs) / wall;
    stopping = true;
    heard_at = now_ns();
    while (outstanding && now_ns() < heard_at + DRAIN_NS) wait_for_events(100);
    uint64_t errors = tally.wrong_order + tally.wrong_room + tally.refused + tally.closed +
                      tally.malformed + outstanding;
    printf("{\"rooms\":%zu,\"members\":%zu,\"window\":%zu,\"rate\":%.1f,\"seconds\":%.3f,"
           "\"deliveries_per_s\":%.1f,\"messages_per_s\":%.1f,\"acks_per_s\":%.1f,"
           "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"ack_p50_ms\":%.3f,\"ack_p99_ms\":%.3f,"
           "\"errors\":%lu,\"missing\":%lu,\"wrong_order\":%lu,\"wrong_room\":%lu,"
           "\"refused\":%lu,\"closed\":%lu,\"malformed\":%lu,"
           "\"generator_cpu\":%.3f,\"server_cpu\":%.3f}\n",
           plan.room_count, plan.largest, plan.window, plan.rate, wall,
           (double)tally.deliveries / wall, (double)tally.messages / wall,
           (double)tally.acks / wall, quantile(&tally.delivery, 0.5),
           quantile(&tally.delivery, 0.99), quantile(&tally.ack, 0.5), quantile(&tally.ack, 0.99),
           errors, outstanding, tally.wrong_order, tally.wrong_room, tally.refused, tally.closed,
           tally.malformed, own, theirs);
}

int main(void) {
    read_plan(&plan, stdin);
    if (!plan.member_count) fail("The plan names nobody.");
    all = calloc(plan.member_count, sizeof *all);
    heard = calloc(plan.member_count * plan.largest, sizeof *heard);
    if (!all || !heard) exit(3);
    for (size_t i = 0; i < plan.member_count; i++) all[i].who = &plan.members[i];
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event due = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer, &due);
    arrive();
    stop_reading();
    run(timer);
    return 0;
}
