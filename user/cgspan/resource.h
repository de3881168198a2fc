/* SPDX-License-Identifier: GPL-2.0 */
/* The words for resources, those that this node has given included. */
#ifndef CGSPAN_RESOURCE_H
#define CGSPAN_RESOURCE_H

#include "cmd.h"

/**
 * resource_find() - the resource for a word
 * @word: "tasks", "user0", or a name that this node knows
 * @res: enum cgspan_resource
 * @err: why not
 *
 * Return: 0; -EINVAL: there is none of that name; or another error.
 */
int resource_find(const char *word, uint32_t *res, struct cgspan_err *err);

/* The word for each resource; where the kernel cannot be asked, its own. */
void resource_words(char words[][CGSPAN_RES_NAME_LEN + 1]);

/* The word for a resource, as a node that was read has it. */
const char *resource_word(const struct cgspan_node *node, uint32_t res);

#endif /* CGSPAN_RESOURCE_H */
