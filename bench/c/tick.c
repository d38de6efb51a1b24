/* The limit with batching: what arrived for a room in one round of events is joined once, a line
 * for each message, and sent with one send() per member. */
#define _GNU_SOURCE
#include "relay.h"

static struct room *due;

static void heard(struct room *room, const uint8_t *text, size_t length) {
    if (!room->due) {
        room->due = true;
        room->next_due = due;
        due = room;
    }
    if (room->pending.length) keep(&room->pending, "\n", 1);
    keep(&room->pending, text, length);
}

static void round_over(void) {
    static struct bytes frame;
    uint8_t head[14];
    for (; due; due = due->next_due) {
        struct bytes *joined = &due->pending;
        frame.length = 0;
        keep(&frame, head, ws_head(head, WS_TEXT, joined->length, false));
        keep(&frame, joined->data, joined->length);
        joined->length = 0;
        due->due = false;
        for (size_t i = 0; i < due->count; i++) {
            write_out(due->clients[i], frame.data, frame.length);
        }
    }
}

int main(void) { return relay(); }
