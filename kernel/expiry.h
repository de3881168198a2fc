/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_EXPIRY_H
#define CGSPAN_EXPIRY_H

#include <linux/hrtimer.h>

struct cgspan_session;

/**
 * struct cgspan_expiry - the deadline of one session
 * @session: the session
 * @timer: fires at the deadline; charges do not depend on it
 */
struct cgspan_expiry {
	struct cgspan_session *session;
	struct hrtimer timer;
};

int cgspan_expiry_init(void);
void cgspan_expiry_exit(void);
void cgspan_expiry_kick(void);
void cgspan_expiry_flush(void);
void cgspan_expiry_setup(struct cgspan_expiry *expiry,
			 struct cgspan_session *session);
void cgspan_expiry_renewed(struct cgspan_expiry *expiry);
void cgspan_expiry_end(struct cgspan_expiry *expiry);

#endif /* CGSPAN_EXPIRY_H */
