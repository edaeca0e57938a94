/*
 * duration.h — lengths of time as specs write them: "2h", "90m", "1h30m". Pure.
 */
#ifndef DKUBE_CONTROLLERS_DURATION_H
#define DKUBE_CONTROLLERS_DURATION_H

#include <stdint.h>

/* Milliseconds; 0 for NULL, "" and what is no duration. */
int64_t duration_ms(const char *s);

#endif
