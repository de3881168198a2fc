/* SPDX-License-Identifier: GPL-2.0 */
/* Out of the ledger: intentions, watches, transactions. */
#ifndef CGSPAN_LEDGER_OUT_H
#define CGSPAN_LEDGER_OUT_H

#include "state.h"

void ledger_queue(struct ledger *l, struct queued q);
void queued_fini(struct queued *q);
__attribute__((format(printf, 3, 4)))
void ledger_say(struct ledger *l, enum ledger_status code, const char *fmt, ...);
/* Once, until it is something else. */
__attribute__((format(printf, 3, 4)))
void ledger_say_once(struct ledger *l, enum ledger_status code,
		     const char *fmt, ...);
void ledger_watch(struct ledger *l, const char *prefix);
void ledger_unwatch(struct ledger *l, const char *prefix);
struct watch *ledger_find_watch(const struct ledger *l, const char *prefix);
/* The watch's answer is in: the cache has what is under @prefix. */
bool ledger_watched(const struct ledger *l, const char *prefix);
void ledger_watch_all(struct ledger *l);
void ledger_watch_anew(struct ledger *l);
bool ledger_watches_seen(const struct ledger *l);

void ledger_send(struct ledger *l, enum txn_kind kind);
char *ledger_beat(struct ledger *l);
/* The transaction compares a key with its revision in the cache. */
void ledger_compare(struct ledger *l, const char *key);
/* A key that cannot be read is left alone; say so. */
void ledger_bad_value(struct ledger *l, const struct store_kv *kv,
		      const struct cgspan_err *err);

#endif /* CGSPAN_LEDGER_OUT_H */
