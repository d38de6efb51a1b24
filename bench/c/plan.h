/* What the generator is to do, read from its standard input: a line for each fact, a word and the
 * rest of the line. `bench/plan.py` writes it and says what the words mean. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum { TEXT_BYTES = 8192 };

struct step {
    bool hear; /* wait for a message that holds the text; otherwise say it */
    char *text;
};

struct member {
    size_t room, place; /* place in the room */
    char *path, *headers;
    struct step *steps;
    size_t step_count;
};

struct plan {
    int port;
    double seconds, warmup, rate; /* rate in messages a second; 0 for a closed loop */
    size_t window, bytes, stopped;
    pid_t watch;
    char *template, *ack, *refused;
    char **rooms;
    size_t room_count, member_count, largest;
    struct member *members;
};

static void *grown(void *list, size_t count, size_t size) {
    if (count && (count & (count - 1))) return list; /* room is doubled at powers of two */
    list = realloc(list, (count ? 2 * count : 1) * size);
    if (!list) exit(3);
    return list;
}

static char *joined(char *first, const char *second, const char *third) {
    size_t before = first ? strlen(first) : 0;
    first = realloc(first, before + strlen(second) + strlen(third) + 1);
    if (!first) exit(3);
    sprintf(first + before, "%s%s", second, third);
    return first;
}

static void read_plan(struct plan *plan, FILE *from) {
    static char line[TEXT_BYTES];
    *plan = (struct plan){.bytes = 200, .seconds = 1};
    struct member *member = NULL;
    size_t place = 0;
    while (fgets(line, sizeof line, from)) {
        line[strcspn(line, "\n")] = 0;
        char *rest = strchr(line, ' ');
        if (rest) *rest++ = 0;
        else rest = line + strlen(line);
        if (!strcmp(line, "port")) plan->port = atoi(rest);
        else if (!strcmp(line, "seconds")) plan->seconds = atof(rest);
        else if (!strcmp(line, "warmup")) plan->warmup = atof(rest);
        else if (!strcmp(line, "rate")) plan->rate = atof(rest);
        else if (!strcmp(line, "window")) plan->window = strtoul(rest, NULL, 10);
        else if (!strcmp(line, "bytes")) plan->bytes = strtoul(rest, NULL, 10);
        else if (!strcmp(line, "stopped")) plan->stopped = strtoul(rest, NULL, 10);
        else if (!strcmp(line, "watch")) plan->watch = atoi(rest);
        else if (!strcmp(line, "template")) plan->template = strdup(rest);
        else if (!strcmp(line, "ack")) plan->ack = strdup(rest);
        else if (!strcmp(line, "refused")) plan->refused = strdup(rest);
        else if (!strcmp(line, "room")) {
            plan->rooms = grown(plan->rooms, plan->room_count, sizeof *plan->rooms);
            plan->rooms[plan->room_count++] = strdup(rest);
            place = 0;
        } else if (!strcmp(line, "member") && plan->room_count) {
            plan->members = grown(plan->members, plan->member_count, sizeof *member);
            member = &plan->members[plan->member_count++];
            *member = (struct member){plan->room_count - 1, place++, strdup(rest), strdup(""), 0, 0};
            if (place > plan->largest) plan->largest = place;
        } else if (member && !strcmp(line, "header")) {
            member->headers = joined(member->headers, rest, "\r\n");
        } else if (member && (!strcmp(line, "say") || !strcmp(line, "hear"))) {
            member->steps = grown(member->steps, member->step_count, sizeof(struct step));
            member->steps[member->step_count++] = (struct step){*line == 'h', strdup(rest)};
        } else {
            fprintf(stderr, "The plan has a line that is not understood: %s\n", line);
            exit(2);
        }
    }
}

#endif
