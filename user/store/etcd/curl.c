// SPDX-License-Identifier: GPL-2.0
#include "curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "libcgspan/err.h"

#define LIBCURL	"libcurl.so.4"

#define FUNCTION(name) { "curl_" #name, offsetof(struct curl, name) }

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	FUNCTION(global_init),
	FUNCTION(easy_init),
	FUNCTION(easy_cleanup),
	FUNCTION(easy_setopt),
	FUNCTION(easy_getinfo),
	FUNCTION(easy_pause),
	FUNCTION(easy_strerror),
	FUNCTION(multi_init),
	FUNCTION(multi_cleanup),
	FUNCTION(multi_setopt),
	FUNCTION(multi_assign),
	FUNCTION(multi_add_handle),
	FUNCTION(multi_remove_handle),
	FUNCTION(multi_info_read),
	FUNCTION(multi_socket_action),
	FUNCTION(slist_append),
	FUNCTION(slist_free_all),
};

int curl_load(struct curl *curl, struct cgspan_err *err)
{
	void *lib = dlopen(LIBCURL, RTLD_LAZY | RTLD_NODELETE), *f;

	if (!lib)
		return cgspan_err_set(err, -ELIBACC,
				      "a store on etcd needs libcurl, which cannot be loaded: %s",
				      dlerror());
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		f = dlsym(lib, functions[i].name);
		if (!f)
			return cgspan_err_set(err, -ELIBACC, "%s: %s", LIBCURL,
					      dlerror());
		memcpy((char *)curl + functions[i].at, &f, sizeof(f));
	}
	if (curl->global_init(CURL_GLOBAL_DEFAULT))
		return cgspan_err_set(err, -ENOMEM, "libcurl cannot be initialised");
	return 0;
}
