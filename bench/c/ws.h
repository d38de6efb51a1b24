/* The part of RFC 6455 that a measurement needs: frames, and the answer to a handshake. */
#ifndef WS_H
#define WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WS_TEXT = 1, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

static const uint8_t WS_MASK[4] = {0x5a, 0xc3, 0x17, 0x9e};

struct ws_frame {
    bool whole; /* FIN is set */
    int opcode;
    uint8_t *data;
    size_t length;
};

/* Write a frame's head and answer its size (at most 14 bytes). A client's frames are masked. */
static inline size_t ws_head(uint8_t *out, int opcode, size_t length, bool masked) {
    size_t at = 0;
    out[at++] = (uint8_t)(0x80 | opcode);
    uint8_t mask_bit = masked ? 0x80 : 0;
    if (length < 126) {
        out[at++] = (uint8_t)(mask_bit | length);
    } else if (length < 65536) {
        out[at++] = mask_bit | 126;
        out[at++] = (uint8_t)(length >> 8);
        out[at++] = (uint8_t)length;
    } else {
        out[at++] = mask_bit | 127;
        for (int shift = 56; shift >= 0; shift -= 8) out[at++] = (uint8_t)((uint64_t)length >> shift);
    }
    if (masked) {
        memcpy(out + at, WS_MASK, 4);
        at += 4;
    }
    return at;
}

static inline void ws_mask(uint8_t *data, size_t length, const uint8_t mask[4]) {
    for (size_t i = 0; i < length; i++) data[i] ^= mask[i & 3];
}

/* Read the next frame of a buffer, unmasked in place. Answers its size, 0 when it is not all there. */
static inline size_t ws_next(uint8_t *buffer, size_t have, struct ws_frame *frame) {
    if (have < 2) return 0;
    size_t length = buffer[1] & 0x7f, at = 2;
    bool masked = buffer[1] & 0x80;
    if (length == 126) {
        if (have < 4) return 0;
        length = (size_t)buffer[2] << 8 | buffer[3];
        at = 4;
    } else if (length == 127) {
        if (have < 10) return 0;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | buffer[i];
        at = 10;
    }
    uint8_t mask[4];
    if (masked) {
        if (have < at + 4) return 0;
        memcpy(mask, buffer + at, 4);
        at += 4;
    }
    if (have - at < length) return 0;
    if (masked) ws_mask(buffer + at, length, mask);
    *frame = (struct ws_frame){buffer[0] & 0x80, buffer[0] & 0x0f, buffer + at, length};
    return at + length;
}

static inline uint32_t ws_rotate(uint32_t value, int bits) {
    return value << bits | value >> (32 - bits);
}

/* SHA-1 of a text shorter than 119 bytes: the handshake hashes 60. */
static inline void ws_sha1(const char *text, uint8_t digest[20]) {
    uint8_t block[128] = {0};
    size_t length = strlen(text), total = length + 9 > 64 ? 128 : 64;
    memcpy(block, text, length);
    block[length] = 0x80;
    block[total - 1] = (uint8_t)(length * 8);
    block[total - 2] = (uint8_t)(length * 8 >> 8);
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    for (size_t start = 0; start < total; start += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++) {
            const uint8_t *p = block + start + 4 * i;
            w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        }
        for (int i = 16; i < 80; i++) {
            w[i] = ws_rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        }
        for (int i = 0; i < 80; i++) {
            uint32_t f, k;
            if (i < 20) f = (b & c) | (~b & d), k = 0x5a827999;
            else if (i < 40) f = b ^ c ^ d, k = 0x6ed9eba1;
            else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
            else f = b ^ c ^ d, k = 0xca62c1d6;
            uint32_t next = ws_rotate(a, 5) + f + e + k + w[i];
            e = d, d = c, c = ws_rotate(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* The answer to a client's Sec-WebSocket-Key (24 characters), into `out` of at least 256 bytes. */
static inline int ws_accept(const char *key, char *out) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char joined[64], accept[29];
    uint8_t digest[21] = {0};
    snprintf(joined, sizeof joined, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    ws_sha1(joined, digest);
    for (int i = 0; i < 7; i++) {
        uint32_t bits = (uint32_t)digest[3 * i] << 16 | (uint32_t)digest[3 * i + 1] << 8 |
                        digest[3 * i + 2];
        for (int j = 0; j < 4; j++) accept[4 * i + j] = letters[bits >> (18 - 6 * j) & 63];
    }
    accept[27] = '=', accept[28] = 0;
    return sprintf(out,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                   accept);
}

#endif
