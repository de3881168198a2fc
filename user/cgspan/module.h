/* SPDX-License-Identifier: GPL-2.0 */
/* Load and remove the kernel module. */
#ifndef CGSPAN_MODULE_H
#define CGSPAN_MODULE_H

struct cgspan_err;

/**
 * module_load() - load the module
 * @file: the file; NULL: the one installed for this kernel
 * @err: why it failed; may quote the module's last line in the kernel log
 *
 * Return: 0; 1: it was loaded already; or a negative errno.
 */
int module_load(const char *file, struct cgspan_err *err);

/* Removes the module: 0; -EBUSY: it is in use; or another negative errno. */
int module_unload(struct cgspan_err *err);

#endif /* CGSPAN_MODULE_H */
