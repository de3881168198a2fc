/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_EXIT_H
#define CGSPAN_EXIT_H

#include <linux/types.h>

struct cgspan_exit;
struct llist_node;

/**
 * struct cgspan_exit_sink - the receiver of the records of ended tasks
 * @heard: whether records are wanted at present; any context but NMI
 * @tell: send a list of struct cgspan_exit, which may be empty; may sleep
 */
struct cgspan_exit_sink {
	bool (*heard)(void);
	void (*tell)(struct llist_node *exits);
};

void cgspan_exit_connect(const struct cgspan_exit_sink *sink);
void cgspan_exit_disconnect(void);
bool cgspan_exit_heard(void);
bool cgspan_exit_queue(struct cgspan_exit *exit);
void cgspan_exit_flush(void);

#endif /* CGSPAN_EXIT_H */
