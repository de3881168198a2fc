/* SPDX-License-Identifier: GPL-2.0 */
/* The identity of this node: name, machine, boot and module. */
#ifndef CGSPAN_IDENTITY_H
#define CGSPAN_IDENTITY_H

#include <stdint.h>

#include "libcgspan/cgspan.h"
#include "model/codec.h"

/**
 * struct identity - what distinguishes a node from any other
 * @name: name of the node
 * @machine: machine id, 32 hexadecimal digits
 * @boot: id of this boot of the kernel, as @machine
 * @uuid: id that the module gave this network namespace, as @machine
 * @boot_id: @boot as bytes
 */
struct identity {
	char name[CGSPAN_NAME_LEN + 1];
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];
	uint8_t boot_id[CGSPAN_ID_LEN];
};

/* Set @out to @name; if NULL, to the host's up to the first dot, cut to fit. */
int identity_name(char out[CGSPAN_NAME_LEN + 1], const char *name,
		  struct cgspan_err *err);

/**
 * identity_read() - read the identity of this node
 * @id: filled
 * @name: the configured name, or NULL
 * @uuid: id that the module gave, CGSPAN_ID_LEN bytes
 * @err: what is missing and how to set it
 *
 * Return: 0 or a negative errno.
 */
int identity_read(struct identity *id, const char *name, const uint8_t *uuid,
		  struct cgspan_err *err);

#endif /* CGSPAN_IDENTITY_H */
