// SPDX-License-Identifier: GPL-2.0
#include "base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_print(FILE *f, const void *buf, size_t len)
{
	const unsigned char *b = buf;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)b[i] << 16;

		if (left > 1)
			v |= (uint32_t)b[i + 1] << 8;
		if (left > 2)
			v |= b[i + 2];
		putc(digits[v >> 18], f);
		putc(digits[v >> 12 & 63], f);
		putc(left > 1 ? digits[v >> 6 & 63] : '=', f);
		putc(left > 2 ? digits[v & 63] : '=', f);
	}
}

static int digit(char c)
{
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

char *base64_decode(const char *text, size_t text_len, size_t *len)
{
	size_t pad = 0, n = 0;
	char *out;

	while (pad < 2 && pad < text_len && text[text_len - 1 - pad] == '=')
		pad++;
	if (text_len % 4) {
		errno = EINVAL;
		return NULL;
	}
	out = malloc(text_len / 4 * 3 + 1);
	if (!out)
		return NULL;

	for (size_t i = 0; i < text_len; i += 4) {
		size_t pads = i + 4 == text_len ? pad : 0;
		uint32_t v = 0;

		for (size_t j = 0; j < 4; j++) {
			int d = j < 4 - pads ? digit(text[i + j]) : 0;

			if (d < 0) {
				free(out);
				errno = EINVAL;
				return NULL;
			}
			v = v << 6 | (uint32_t)d;
		}
		for (size_t j = 0; j < 3 - pads; j++)
			out[n++] = (char)(v >> (16 - 8 * j));
	}
	out[n] = '\0';
	*len = n;
	return out;
}
