// SPDX-License-Identifier: GPL-2.0
#include "word_list.h"

#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int word_list_add(char **list, const char *word)
{
	const char *old = *list ? *list : "";
	char *text;

	if (asprintf(&text, "%s%s%s", old, *old ? " " : "", word) < 0)
		return -ENOMEM;
	free(*list);
	*list = text;
	return 0;
}

struct json_object *word_list_json(const char *list)
{
	json_object *array = json_object_new_array();
	size_t len;

	for (; array && *list; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		json_object_array_add(array,
				      json_object_new_string_len(list, len));
	}
	return array;
}
