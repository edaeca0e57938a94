/* attr.h — the attributes that prototypes carry, and CLEANUP for handles that live in one scope. */
#ifndef DKUBE_BASE_ATTR_H
#define DKUBE_BASE_ATTR_H

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUSTCHECK __attribute__((warn_unused_result))
#define UNUSED __attribute__((unused))
/* CLEANUP(fn): fn takes a pointer to the variable and accepts an empty one; runs when the scope
 * ends. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
