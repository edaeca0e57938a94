/*
 * recjson.h — a flat record as JSON text and back, for the journal: {"metadata.name":"x", …}, one
 * member a row that the record has, under the row's path.
 *
 * Written with one table and read with the same, every row reads alike; read with
 * another, rows that are unknown there are left out and those that are missing are absent. Pure;
 * results are arena memory.
 */
#ifndef DKUBE_API_RECJSON_H
#define DKUBE_API_RECJSON_H

#include "api/rec.h"
#include "json/jsonw.h"

/* Writes the record as an object under `key` (NULL: as an element). */
void rec_json_write(struct jsonw *w, const char *key, const struct rows *rows, const struct rec *r);

int rec_json_read(struct arena *a, const struct rows *rows, const struct json *j,
                  const struct rec **ret, struct err *e) MUSTCHECK;

#endif
