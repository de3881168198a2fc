/* SPDX-License-Identifier: GPL-2.0 */
/* Base64 (RFC 4648, padded), the form of keys and values in etcd's JSON. Pure. */
#ifndef CGSPAN_STORE_BASE64_H
#define CGSPAN_STORE_BASE64_H

#include <stddef.h>
#include <stdio.h>

/**
 * base64_print() - write bytes as base64
 * @f: the stream; check errors with ferror()
 * @buf: the bytes
 * @len: how many
 */
void base64_print(FILE *f, const void *buf, size_t len);

/**
 * base64_decode() - decode base64
 * @text: padded base64, without white space
 * @text_len: bytes in it
 * @len: bytes decoded
 *
 * Return: bytes to be freed, with a NUL behind them; NULL with errno EINVAL if
 * @text is not base64, or ENOMEM.
 */
char *base64_decode(const char *text, size_t text_len, size_t *len);

#endif /* CGSPAN_STORE_BASE64_H */
