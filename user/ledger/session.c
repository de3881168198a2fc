// SPDX-License-Identifier: GPL-2.0
#include "session.h"

/* The state after each event; without an entry the state does not change. */
static const enum trust next[EV_N][TRUST_N] = {
	[EV_WHOLE] = { [TRUST_LEARN] = TRUST_RUN },
	[EV_LEARNING] = { [TRUST_RUN] = TRUST_LEARN },
	[EV_AWAITED] = { [TRUST_CLAIMED ... TRUST_RUN] = TRUST_VOID },
	[EV_LOST] = { [TRUST_CLAIM ... TRUST_RUN] = TRUST_VOID },

	[EV_GONE_BACK] = { [TRUST_VOID ... TRUST_RUN] = TRUST_OLD_VOID },
	[EV_FORGOTTEN] = { [TRUST_VOID] = TRUST_READ,
			   [TRUST_OLD_VOID] = TRUST_OLD_READ },
	[EV_NEWS] = { [TRUST_STUCK] = TRUST_READ,
		      [TRUST_OLD_STUCK] = TRUST_OLD_READ },

	[EV_EPOCH_OLDER] = { [TRUST_CLAIM ... TRUST_RUN] = TRUST_OLD_VOID },
	[EV_FENCED] = { [TRUST_CLAIM ... TRUST_RUN] = TRUST_VOID },
	[EV_REFUSED] = { [TRUST_READ] = TRUST_STUCK,
			 [TRUST_OLD_READ] = TRUST_OLD_STUCK,
			 [TRUST_CLAIM] = TRUST_STUCK },
	[EV_LIVE] = { [TRUST_READ] = TRUST_OWN, [TRUST_OLD_READ] = TRUST_OWN },
	[EV_TO_CLAIM] = { [TRUST_READ] = TRUST_CLAIM,
			  [TRUST_OLD_READ] = TRUST_CLAIM },
	[EV_NOT_AWAITED] = { [TRUST_CLAIM] = TRUST_READ },
	[EV_CLAIMED] = { [TRUST_CLAIM] = TRUST_CLAIMED },
	[EV_REMOVED] = { [TRUST_READ] = TRUST_LEFT,
			 [TRUST_OLD_READ] = TRUST_LEFT },

	[EV_RENEWED] = { [TRUST_CLAIMED] = TRUST_LEARN,
			 [TRUST_OWN] = TRUST_LEARN },
	[EV_BUSY] = { [TRUST_LEARN] = TRUST_OWN, [TRUST_RUN] = TRUST_OWN },
	[EV_STALE] = { [TRUST_CLAIM ... TRUST_RUN] = TRUST_STUCK },
	[EV_LEFT] = { [TRUST_READ ... TRUST_RUN] = TRUST_READ },
};

bool session_event(struct session *s, enum trust_event event)
{
	enum trust to = next[event][s->trust];

	if (to == TRUST_SAME)
		return false;
	s->trust = to;
	if (session_is_void(s))
		s->epoch = 0;
	return true;
}
