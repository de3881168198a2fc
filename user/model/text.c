// SPDX-License-Identifier: GPL-2.0
#include "text.h"

#include <stdlib.h>
#include <string.h>

char *text_new(const char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

void text_free(char *text)
{
	free(text);
}
