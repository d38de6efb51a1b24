/* What a member hears: every message is checked and counted, every other line is understood. */
#ifndef HEARING_H
#define HEARING_H

#include "connection.h"

static struct tally tally;
static struct connection *all;
static uint32_t *heard; /* [connection][sender]: the last number */
static uint64_t from_ns, until_ns, heard_at;
static size_t ready_count;
static bool stopping;

static bool measuring(uint64_t now) { return now >= from_ns && now < until_ns; }

/* A message of somebody: is it the next of theirs, and when was it due? */
static void deliver(struct connection *c, const uint8_t *token, uint64_t now) {
    size_t room = take(&token, ROOM_LETTERS), sender = take(&token, SENDER_LETTERS);
    uint32_t number = (uint32_t)take(&token, NUMBER_LETTERS);
    uint64_t due = take(&token, TIME_LETTERS);
    if (room != c->who->room || sender >= plan.largest) {
        tally.wrong_room++;
        return;
    }
    uint32_t *last = &heard[(size_t)(c - all) * plan.largest + sender];
    heard_at = now;
    if (number != *last + 1) tally.wrong_order++;
    if (number <= *last) return; /* said twice, or too late */
    *last = number;
    outstanding--;
    bool own = sender == c->who->place;
    if (measuring(now)) {
        tally.deliveries++;
        tally.messages += own;
        note(&tally.delivery, now - due);
    }
    if (own && plan.window && !stopping) speak(c, now_ns());
}

static void walk(struct connection *c, const uint8_t *heard_now, size_t length);

static void hear_line(struct connection *c, const uint8_t *line, size_t length, uint64_t now) {
    const uint8_t *token = memchr(line, '~', length);
    if (token && line + length - token >= TOKEN_LETTERS + 2 && token[TOKEN_LETTERS + 1] == '~') {
        deliver(c, token + 1, now);
        return;
    }
    size_t ack = plan.ack ? strlen(plan.ack) : 0, no = plan.refused ? strlen(plan.refused) : 0;
    if (ack && length > ack && !memcmp(line, plan.ack, ack)) {
        const uint8_t *re = memmem(line, length, "\"re\":", 5);
        if (re && measuring(now)) {
            tally.acks++;
            note(&tally.ack, now - c->asked[strtoul((const char *)re + 5, NULL, 10) % ACKS_KEPT]);
        }
    } else if (no && length > no && !memcmp(line, plan.refused, no)) {
        if (!tally.refused++) fprintf(stderr, "refused: %.*s\n", (int)length, line);
    } else if (!c->ready) {
        walk(c, line, length);
    }
}

/* Go on with the script of a member's arrival, having heard something or nothing. */
static void walk(struct connection *c, const uint8_t *heard_now, size_t length) {
    struct member *who = c->who;
    while (c->step < who->step_count) {
        struct step *step = &who->steps[c->step];
        if (!step->hear) {
            write_frame(c, WS_TEXT, step->text, strlen(step->text));
        } else if (heard_now && memmem(heard_now, length, step->text, strlen(step->text))) {
            heard_now = NULL;
        } else {
            return;
        }
        c->step++;
    }
    if (!c->ready) ready_count++;
    c->ready = true;
}

static void hear_frame(struct connection *c, struct ws_frame *frame, uint64_t now) {
    if (!frame->whole || frame->opcode == 0) tally.malformed++;
    if (frame->opcode == WS_PING) write_frame(c, WS_PONG, frame->data, frame->length);
    if (frame->opcode == WS_TEXT && frame->length == 1 && *frame->data == '2' && c->ready) {
        write_frame(c, WS_TEXT, "3", 1); /* Engine.IO's own ping */
        return;
    }
    if (frame->opcode != WS_TEXT) return;
    const uint8_t *line = frame->data, *end = frame->data + frame->length;
    while (line < end) {
        const uint8_t *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop) stop = end;
        hear_line(c, line, (size_t)(stop - line), now);
        line = stop + 1;
    }
}

#endif
