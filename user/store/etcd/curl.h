/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libcurl, loaded at run time when a store on etcd is opened: it depends on
 * thirty libraries, which would take most of the run time of the command.
 */
#ifndef CGSPAN_CURL_H
#define CGSPAN_CURL_H

#include <curl/curl.h>

struct cgspan_err;

/** struct curl - libcurl's functions, by their names without "curl_" */
struct curl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_pause) *easy_pause;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
	__typeof__(curl_multi_setopt) *multi_setopt;
	__typeof__(curl_multi_assign) *multi_assign;
	__typeof__(curl_multi_add_handle) *multi_add_handle;
	__typeof__(curl_multi_remove_handle) *multi_remove_handle;
	__typeof__(curl_multi_info_read) *multi_info_read;
	__typeof__(curl_multi_socket_action) *multi_socket_action;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

/**
 * curl_load() - load and initialise libcurl, until the program ends
 * @curl: filled
 * @err: why it failed
 *
 * Return: 0, -ELIBACC if it cannot be loaded, or -ENOMEM.
 */
int curl_load(struct curl *curl, struct cgspan_err *err);

#endif /* CGSPAN_CURL_H */
