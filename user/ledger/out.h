/* SPDX-License-Identifier: GPL-2.0 */
/* The queue of intentions, and the watched prefixes. */
#ifndef CGSPAN_LEDGER_OUT_H
#define CGSPAN_LEDGER_OUT_H

#include "intent.h"
#include "state.h"

struct cgspan_err;

/* A prefix that the daemon watches for this ledger. */
struct watch {
	char *prefix;
	bool seen;			/* the cache has the keys under @prefix */
};

/* A queued intention and the texts that it owns. */
struct queued {
	struct queued *next;
	struct ledger_intent in;
	char *text;
	char *peer;
};

struct out {
	struct queued *first;
	struct queued *last;
	struct queued *taken;		/* entry taken by the latest ledger_next() */
	uint64_t last_id;
	enum ledger_status told;	/* code of the last out_say_once() */
	bool has_told;
	struct watch *watches;
	size_t n_watches;
};

void out_fini(struct out *out);
/* The next intention, or NULL; the one returned before is freed. */
const struct ledger_intent *out_next(struct out *out);
/* Queue an intention; @text and @peer, which may be NULL, are freed with it. */
void out_queue(struct ledger *l, const struct ledger_intent *in, char *text,
	       char *peer);

/* Queue a status of @peer, with mod_rev of its hb/; NULL: of this node. */
__attribute__((format(printf, 5, 6)))
void out_say_of(struct ledger *l, const char *peer, int64_t hb_rev,
		enum ledger_status code, const char *fmt, ...);
#define out_say(l, code, ...)	out_say_of(l, NULL, 0, code, __VA_ARGS__)
/* Is @code not that of the last out_say_once() since joining? Remember it. */
bool out_is_new(struct out *out, enum ledger_status code);
#define out_say_once(l, code, ...)					\
	do {								\
		if (out_is_new((l)->out, code))				\
			out_say(l, code, __VA_ARGS__);			\
	} while (0)
/* Report a key that cannot be read and stays as it is; or lack of memory. */
void out_say_unread(struct ledger *l, const struct cgspan_err *err);

void out_watch(struct ledger *l, const char *prefix);
void out_unwatch(struct ledger *l, const char *prefix);
struct watch *out_find_watch(const struct ledger *l, const char *prefix);
/* Has the watch been answered, so that the cache has the keys under @prefix? */
bool out_watched(const struct ledger *l, const char *prefix);
/* Watch all that must be known before this node decides anything. */
void out_watch_all(struct ledger *l);
/* End all watches, then out_watch_all(), as the cache may be out of date. */
void out_watch_anew(struct ledger *l);
bool out_watches_seen(const struct ledger *l);

#endif /* CGSPAN_LEDGER_OUT_H */
