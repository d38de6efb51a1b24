/* A WebSocket server that does nothing but relay: what tick.c and naive.c have in common.
 *
 * One thread, one epoll. The path of the handshake is the room. The including file says what
 * happens to a message (`heard`) and at the end of a round of events (`round_over`). A member who
 * cannot take everything at once gets the rest when the socket is writable again; there is no bound.
 */
#ifndef RELAY_H
#define RELAY_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws.h"

enum { EVENTS = 1024, READ_BYTES = 1 << 18, NAME_BYTES = 64 };

struct bytes {
    uint8_t *data;
    size_t length, room;
};

struct room;

struct client {
    int fd;
    struct room *room; /* none until the handshake is done */
    size_t place;      /* in the room's list */
    struct bytes in, out;
    struct client *next_gone;
};

struct room {
    char name[NAME_BYTES];
    struct client **clients;
    size_t count, space;
    struct bytes pending;
    struct room *next, *next_due;
    bool due;
};

static int poll_fd;
static struct room *rooms;
static struct client *gone;
static uint8_t arrived[READ_BYTES];

static void heard(struct room *room, const uint8_t *text, size_t length);
static void round_over(void);

static void keep(struct bytes *to, const void *data, size_t length) {
    if (to->length + length > to->room) {
        to->room = 2 * (to->length + length);
        to->data = realloc(to->data, to->room);
        if (!to->data) exit(3);
    }
    memcpy(to->data + to->length, data, length);
    to->length += length;
}

static void watch(struct client *client, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = client};
    epoll_ctl(poll_fd, how, client->fd, &event);
}

static void write_out(struct client *client, const uint8_t *data, size_t length) {
    if (client->fd < 0) return;
    if (!client->out.length) {
        ssize_t sent = send(client->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent == (ssize_t)length) return;
        if (sent > 0) data += sent, length -= (size_t)sent;
        watch(client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
    keep(&client->out, data, length);
}

static void write_rest(struct client *client) {
    struct bytes *out = &client->out;
    ssize_t sent = send(client->fd, out->data, out->length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    memmove(out->data, out->data + sent, out->length - (size_t)sent);
    out->length -= (size_t)sent;
    if (!out->length) watch(client, EPOLL_CTL_MOD, EPOLLIN);
}

/* Forget a client; freed at the end of the round, for an event of it may still be waiting. */
static void drop(struct client *client) {
    if (client->fd < 0) return;
    close(client->fd);
    client->fd = -1;
    if (client->room) {
        struct client *last = client->room->clients[--client->room->count];
        client->room->clients[client->place] = last;
        last->place = client->place;
    }
    client->next_gone = gone;
    gone = client;
}

static void come_in(struct client *client, const char *name) {
    struct room *room = rooms;
    while (room && strcmp(room->name, name)) room = room->next;
    if (!room) {
        room = calloc(1, sizeof *room);
        if (!room) exit(3);
        snprintf(room->name, sizeof room->name, "%s", name);
        room->next = rooms;
        rooms = room;
    }
    if (room->count == room->space) {
        room->space = room->space ? 2 * room->space : 32;
        room->clients = realloc(room->clients, room->space * sizeof(void *));
        if (!room->clients) exit(3);
    }
    client->room = room;
    client->place = room->count;
    room->clients[room->count++] = client;
}

/* Answer the handshake. Answers how many bytes it took, 0 when it is not all there. */
static size_t shake_hands(struct client *client, uint8_t *data, size_t have) {
    uint8_t *end = memmem(data, have, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    char name[NAME_BYTES] = "", answer[256];
    char *key = strcasestr((char *)data, "sec-websocket-key:");
    if (!key || sscanf((char *)data, "GET %63s", name) != 1) {
        drop(client);
        return 0;
    }
    key += strlen("sec-websocket-key:");
    key += strspn(key, " ");
    int length = ws_accept(key, answer);
    write_out(client, (uint8_t *)answer, (size_t)length);
    come_in(client, name);
    return (size_t)(end + 4 - data);
}

static void take(struct client *client, uint8_t *data, size_t have) {
    size_t at = 0, used;
    struct ws_frame frame;
    if (!client->room) {
        at = shake_hands(client, data, have);
        if (!at && client->fd >= 0) keep(&client->in, data, have);
        if (!at) return;
    }
    while ((used = ws_next(data + at, have - at, &frame))) {
        at += used;
        if (frame.opcode == WS_TEXT) heard(client->room, frame.data, frame.length);
        if (frame.opcode == WS_CLOSE) {
            drop(client);
            return;
        }
    }
    if (at < have) keep(&client->in, data + at, have - at);
}

static void read_in(struct client *client) {
    size_t kept = client->in.length;
    if (kept > READ_BYTES / 2) {
        drop(client);
        return;
    }
    memcpy(arrived, client->in.data, kept);
    ssize_t got = recv(client->fd, arrived + kept, READ_BYTES - kept, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(client);
        return;
    }
    client->in.length = 0;
    take(client, arrived, kept + (got > 0 ? (size_t)got : 0));
}

static void welcome(int listening) {
    int fd, one = 1;
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct client *client = calloc(1, sizeof *client);
        if (!client) exit(3);
        client->fd = fd;
        watch(client, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void free_gone(void) {
    while (gone) {
        struct client *client = gone;
        gone = client->next_gone;
        free(client->in.data);
        free(client->out.data);
        free(client);
    }
}

/* Listen on a loopback port that is free, say which, and relay until killed. */
static int relay(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listening, (struct sockaddr *)&here, size) || listen(listening, 4096)) return 2;
    getsockname(listening, (struct sockaddr *)&here, &size);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event knock = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listening, &knock);
    printf("listening %d\n", ntohs(here.sin_port));
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(poll_fd, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (!client) {
                welcome(listening);
                continue;
            }
            if (client->fd >= 0 && events[i].events & EPOLLOUT) write_rest(client);
            if (client->fd >= 0 && events[i].events & ~(uint32_t)EPOLLOUT) read_in(client);
        }
        round_over();
        free_gone();
    }
}

#endif
