/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of words in one string, separated by single blanks. */
#ifndef CGSPAN_WORD_LIST_H
#define CGSPAN_WORD_LIST_H

struct json_object;

/**
 * word_list_add() - append a word
 * @list: the list, which the caller frees; if it is NULL, a new one is made
 * @word: the word, without blanks; or a list, whose words are appended
 *
 * Return: 0, or -ENOMEM and @list is unchanged.
 */
int word_list_add(char **list, const char *word);

/**
 * word_list_json() - convert a list to an array of strings
 * @list: the list
 *
 * Return: a reference that the caller owns; NULL: out of memory.
 */
struct json_object *word_list_json(const char *list);

#endif /* CGSPAN_WORD_LIST_H */
