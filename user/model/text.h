/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory of keys and values. A file of its own, so that the simulator can
 * replace it and keep equal texts of many nodes once.
 */
#ifndef CGSPAN_TEXT_H
#define CGSPAN_TEXT_H

#include <stddef.h>

/**
 * text_new() - copy bytes
 * @bytes: what to copy
 * @len: how many
 *
 * Return: an owned copy with a terminating 0 after it, NULL without memory.
 */
char *text_new(const char *bytes, size_t len);

/**
 * text_free() - free a copy
 * @text: from text_new(); may be NULL
 */
void text_free(char *text);

#endif /* CGSPAN_TEXT_H */
