/* A member's connection, and what they say on it. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "plan.h"
#include "tally.h"
#include "ws.h"

enum {
    ROOM_LETTERS = 4,
    SENDER_LETTERS = 4,
    NUMBER_LETTERS = 8,
    TIME_LETTERS = 16,
    TOKEN_LETTERS = ROOM_LETTERS + SENDER_LETTERS + NUMBER_LETTERS + TIME_LETTERS,
    ACKS_KEPT = 64,
};

struct connection {
    struct member *who;
    int fd;
    bool shaken, ready, closed, deaf;
    size_t step;
    uint8_t *in, *out;
    size_t in_length, out_length;
    uint32_t number; /* of the last message sent */
    uint64_t asked[ACKS_KEPT];
};

static struct plan plan;
static uint64_t outstanding; /* deliveries that are still to come */
static int poll_fd;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(2);
}

/* Every place counts its letters from another one on: a row of zeros would look like a stretched
 * word, which nobody writes into every message, and which the server reads in other ways too. */
static void put(char **at, uint64_t value, int letters) {
    for (int i = letters - 1; i >= 0; i--)
        *(*at)++ = (char)('a' + (((value >> 4 * i) + (uint64_t)i) & 15));
}

static uint64_t take(const uint8_t **at, int letters) {
    uint64_t value = 0;
    for (int i = letters - 1; i >= 0; i--)
        value = value << 4 | (((uint64_t)(*(*at)++ - 'a') - (uint64_t)i) & 15);
    return value;
}

static void watch(struct connection *c, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(poll_fd, how, c->fd, &event);
}

static void write_out(struct connection *c, const void *data, size_t length) {
    if (c->closed) return;
    ssize_t sent = c->out_length ? 0 : send(c->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == (ssize_t)length) return;
    if (sent < 0) sent = 0;
    if (!c->out_length) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    length -= (size_t)sent;
    c->out = realloc(c->out, c->out_length + length);
    if (!c->out) exit(3);
    memcpy(c->out + c->out_length, (const char *)data + sent, length);
    c->out_length += length;
}

static void write_rest(struct connection *c) {
    ssize_t sent = send(c->fd, c->out, c->out_length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        memmove(c->out, c->out + sent, c->out_length - (size_t)sent);
        c->out_length -= (size_t)sent;
    }
    if (!c->out_length) watch(c, EPOLL_CTL_MOD, EPOLLIN);
}

static void write_frame(struct connection *c, int opcode, const void *text, size_t length) {
    static uint8_t frame[TEXT_BYTES + 16];
    if (length > TEXT_BYTES) fail("A message is too long.");
    size_t head = ws_head(frame, opcode, length, true);
    memcpy(frame + head, text, length);
    ws_mask(frame + head, length, WS_MASK);
    write_out(c, frame, head + length);
}

/* Say the next message of a member. %i its count, %k a key, %r the room, %t the token, %f filling. */
static void speak(struct connection *c, uint64_t due) {
    static const char words[] = "some words that a person might say to the others in a room ";
    static char text[TEXT_BYTES];
    char *at = text;
    size_t left = 0, size = 0;
    const char *from;
    uint32_t number = ++c->number;
    for (int pass = 0; pass < 2; pass++) {
        for (at = text, from = plan.template; *from; from++) {
            if (*from != '%') {
                *at++ = *from;
                continue;
            }
            switch (*++from) {
            case 'i': at += sprintf(at, "%u", number); break;
            case 'r': at = stpcpy(at, plan.rooms[c->who->room]); break;
            case 'k':
                put(&at, c->who->room << 16 | c->who->place, 8);
                put(&at, number, NUMBER_LETTERS);
                break;
            case 't':
                *at++ = '~';
                put(&at, c->who->room, ROOM_LETTERS);
                put(&at, c->who->place, SENDER_LETTERS);
                put(&at, number, NUMBER_LETTERS);
                put(&at, due, TIME_LETTERS);
                *at++ = '~';
                break;
            case 'f':
                for (size_t i = 0; i < left; i++) *at++ = words[i % (sizeof words - 1)];
                if (left) at[-1] = '.'; /* a space at the end would be cleaned away */
                break;
            }
        }
        size = (size_t)(at - text);
        left = size < plan.bytes ? plan.bytes - size : 0;
        if (!left) break;
    }
    c->asked[number % ACKS_KEPT] = due;
    outstanding += plan.largest - (c->who->room < plan.stopped);
    write_frame(c, WS_TEXT, text, size);
}

#endif
