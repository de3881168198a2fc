// SPDX-License-Identifier: GPL-2.0
#include "curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../libcgspan/err.h"

#define LIBCURL	"libcurl.so.4"

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	{ "curl_global_init", offsetof(struct curl, global_init) },
	{ "curl_global_cleanup", offsetof(struct curl, global_cleanup) },
	{ "curl_easy_init", offsetof(struct curl, easy_init) },
	{ "curl_easy_cleanup", offsetof(struct curl, easy_cleanup) },
	{ "curl_easy_setopt", offsetof(struct curl, easy_setopt) },
	{ "curl_easy_getinfo", offsetof(struct curl, easy_getinfo) },
	{ "curl_easy_pause", offsetof(struct curl, easy_pause) },
	{ "curl_easy_strerror", offsetof(struct curl, easy_strerror) },
	{ "curl_multi_init", offsetof(struct curl, multi_init) },
	{ "curl_multi_cleanup", offsetof(struct curl, multi_cleanup) },
	{ "curl_multi_setopt", offsetof(struct curl, multi_setopt) },
	{ "curl_multi_assign", offsetof(struct curl, multi_assign) },
	{ "curl_multi_add_handle", offsetof(struct curl, multi_add_handle) },
	{ "curl_multi_remove_handle",
	  offsetof(struct curl, multi_remove_handle) },
	{ "curl_multi_info_read", offsetof(struct curl, multi_info_read) },
	{ "curl_multi_socket_action",
	  offsetof(struct curl, multi_socket_action) },
	{ "curl_slist_append", offsetof(struct curl, slist_append) },
	{ "curl_slist_free_all", offsetof(struct curl, slist_free_all) },
};

int curl_load(struct curl *curl, struct cgspan_err *err)
{
	void *lib = dlopen(LIBCURL, RTLD_LAZY | RTLD_NODELETE), *f;

	if (!lib)
		return cgspan_err_set(err, -ELIBACC,
				      "an etcd is reached through libcurl, which cannot be loaded: %s",
				      dlerror());
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		f = dlsym(lib, functions[i].name);
		if (!f)
			return cgspan_err_set(err, -ELIBACC, "%s: %s", LIBCURL,
					      dlerror());
		memcpy((char *)curl + functions[i].at, &f, sizeof(f));
	}
	if (curl->global_init(CURL_GLOBAL_DEFAULT))
		return cgspan_err_set(err, -ENOMEM, "libcurl cannot start");
	return 0;
}
