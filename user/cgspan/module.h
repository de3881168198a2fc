/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel module, through libkmod. */
#ifndef CGSPAN_MODULE_H
#define CGSPAN_MODULE_H

struct cgspan_err;

/**
 * module_load() - load it, unless it is loaded
 * @file: a file to load, or NULL: the one installed for this kernel
 * @err: what the kernel said
 *
 * Return: 0; 1: it was loaded already; or a negative errno.
 */
int module_load(const char *file, struct cgspan_err *err);

/**
 * module_unload() - remove it
 * @err: why not
 *
 * Return: 0; -EBUSY while something uses it; or another negative errno.
 */
int module_unload(struct cgspan_err *err);

#endif /* CGSPAN_MODULE_H */
