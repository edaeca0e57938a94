/*
 * log.h — structured logs: one line an event, logfmt or JSON, on standard error.
 *
 * Only programs and the controller shell log; libraries return errors. Fields are key/value pairs
 * of strings ending with NULL: LOG_I("reconciled", "kind", k, "object", ref, "reconcileID", id,
 * NULL). Values are escaped, so no input can forge a line; a line is cut at LOG_LINE_MAX bytes.
 */
#ifndef DKUBE_BASE_LOG_H
#define DKUBE_BASE_LOG_H

#include <stdbool.h>

#define LOG_LINE_MAX 4096

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_init(const char *program, enum log_level min, bool json); /* program is borrowed */
int log_level_parse(const char *s, enum log_level *ret_level); /* "debug" … "error"; else -1 */
void log_line(enum log_level level, const char *msg, ...) __attribute__((sentinel));

#define LOG_D(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define LOG_I(...) log_line(LOG_INFO, __VA_ARGS__)
#define LOG_W(...) log_line(LOG_WARN, __VA_ARGS__)
#define LOG_E(...) log_line(LOG_ERROR, __VA_ARGS__)

#endif
