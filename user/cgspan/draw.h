/* SPDX-License-Identifier: GPL-2.0 */
/* Drawing a recording: in a terminal, or into a file, through gnuplot. */
#ifndef CGSPAN_DRAW_H
#define CGSPAN_DRAW_H

#include "recording.h"

/* On standard output, in letters. */
void draw_text(const struct recording *r);

/* Into a file, a picture of the kind that its name says: .png or .svg. */
int draw_picture(const struct recording *r, const char *file,
		 struct cgspan_err *err);

#endif /* CGSPAN_DRAW_H */
