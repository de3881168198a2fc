// SPDX-License-Identifier: GPL-2.0
/* cgspan load: load the kernel module. */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "field.h"
#include "verbs.h"

#define NAME	"cgspan"

/* Open the kernel's log at its end; -1: it cannot be read. */
static int log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* Copy the module's last log line since log_open(); "": it wrote none. */
static void log_last(int fd, char *line, size_t size)
{
	char rec[1024];
	ssize_t len;
	char *text;

	*line = '\0';
	while (fd >= 0) {
		len = read(fd, rec, sizeof(rec) - 1);
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			break;
		rec[len] = '\0';
		/* A record: "priority,sequence,time,flags;text\n..." */
		text = strchr(rec, ';');
		if (!text || strncmp(++text, NAME ": ", strlen(NAME ": ")))
			continue;
		text[strcspn(text, "\n")] = '\0';
		snprintf(line, size, "%s", text + strlen(NAME ": "));
	}
}

static int lookup(struct kmod_ctx *ctx, const char *file,
		  struct kmod_module **mod, struct cgspan_err *err)
{
	struct kmod_list *list = NULL;
	struct utsname un;
	int ret;

	if (file) {
		ret = kmod_module_new_from_path(ctx, file, mod);
		return ret ? cgspan_err_set(err, ret, "cannot load %s: %s",
					    file, strerror(-ret)) : 0;
	}
	if (!kmod_module_new_from_lookup(ctx, NAME, &list) && list) {
		*mod = kmod_module_get_module(list);
		kmod_module_unref_list(list);
		return 0;
	}
	uname(&un);
	return cgspan_err_set(err, -ENOENT,
			      "there is no module %s for this kernel, %s: install it there (\"make install\", or dkms)",
			      NAME, un.release);
}

static int insert(struct kmod_module *mod, const char *file,
		  struct cgspan_err *err)
{
	int fd = log_open();
	char line[160];
	int ret;

	if (file)
		ret = kmod_module_insert_module(mod, 0, NULL);
	else
		ret = kmod_module_probe_insert_module(mod, 0, NULL, NULL, NULL,
						      NULL);
	log_last(fd, line, sizeof(line));
	if (fd >= 0)
		close(fd);
	if (ret >= 0)
		return 0;
	if (ret == -EPERM)
		return cgspan_err_set(err, ret,
				      "the kernel does not permit loading modules: run as root; with Secure Boot the module must be signed");
	return cgspan_err_set(err, ret, "the module does not load: %s",
			      *line ? line : strerror(-ret));
}

int module_load(const char *file, struct cgspan_err *err)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_module *mod = NULL;
	int ret, state;

	if (!ctx)
		return cgspan_err_nomem(err);
	/* Suppress the messages of libkmod. */
	kmod_set_log_priority(ctx, -1);
	ret = lookup(ctx, file, &mod, err);
	if (!ret) {
		state = kmod_module_get_initstate(mod);
		if (state == KMOD_MODULE_LIVE || state == KMOD_MODULE_BUILTIN)
			ret = 1;
		else
			ret = insert(mod, file, err);
	}
	kmod_module_unref(mod);
	kmod_unref(ctx);
	return ret;
}

int module_unload(struct cgspan_err *err)
{
	if (!syscall(SYS_delete_module, NAME, O_NONBLOCK))
		return 0;
	if (errno == EBUSY || errno == EAGAIN)
		return cgspan_err_set(err, -EBUSY,
				      "the module is in use: a node in another network namespace has joined, or a request is under way");
	if (errno == EPERM)
		return cgspan_err_set(err, -EPERM,
				      "the kernel does not permit removing modules: run as root");
	return cgspan_err_set(err, -errno, "cannot remove the module: %s",
			      strerror(errno));
}

static int load(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_node node = {};
	const struct field r[] = {
		{ "loaded", UNIT_FLAG, .num = true },
		{ "version", UNIT_TEXT, .text = node.version },
	};
	int before = module_load(cmd_arg(c, "FILE"), err);

	if (before < 0)
		return before;
	if (cmd_node(c, &node, NULL, err))
		return cgspan_err_wrap(err, "loaded, but it does not answer");
	return result_print(c, r, ARRAY_SIZE(r), err, "module %s: %s",
			    node.version,
			    before ? "is loaded already" : "loaded");
}

const struct verb verb_load = {
	.name = "load",
	.help = "load the kernel module",
	.fn = load,
	.args = {
		{ "FILE", NULL, ARG_WORD, true, false },
	},
};
