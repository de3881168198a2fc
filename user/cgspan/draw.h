/* SPDX-License-Identifier: GPL-2.0 */
/* Drawings of a recording: as text, or by gnuplot into a file. */
#ifndef CGSPAN_DRAW_H
#define CGSPAN_DRAW_H

#include "recording.h"

/* To standard output, as text. */
void draw_text(const struct recording *r);

/**
 * draw_picture() - draw into a file
 * @r: the recording
 * @file: its name ends in .png or .svg; overwritten; removed after an error
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int draw_picture(const struct recording *r, const char *file,
		 struct cgspan_err *err);

#endif /* CGSPAN_DRAW_H */
