/*
 * probe.h — static tracepoints (USDT) that bpftrace, perf and gdb find in the program's ELF notes:
 *
 *     bpftrace -e 'usdt:/usr/bin/run-controller:dkube:plan { printf("%s %s\n", str(arg0),
 *                  str(arg1)); }' -p PID
 *
 * A probe is one nop and its arguments where they happen to be; nothing is called, and without a
 * tracer nothing is paid. The note's format is SystemTap's version 3. All arguments are 64 bits
 * wide: numbers, or pointers to text.
 */
#ifndef DKUBE_BASE_PROBE_H
#define DKUBE_BASE_PROBE_H

#include <stdint.h>

#if defined(__ELF__) && (defined(__x86_64__) || defined(__aarch64__))
#define PROBE_ARG(x) "nor"((uint64_t)(uintptr_t)(x))
#define PROBE4(name, a, b, c, d)                                                                 \
    __asm__ __volatile__("990: nop\n"                                                            \
                         ".pushsection .note.stapsdt,\"?\",\"note\"\n"                           \
                         ".balign 4\n"                                                           \
                         ".4byte 992f-991f, 994f-993f, 3\n"                                      \
                         "991: .asciz \"stapsdt\"\n"                                             \
                         "992: .balign 4\n"                                                      \
                         "993: .8byte 990b, _.stapsdt.base, 0\n"                                 \
                         ".asciz \"dkube\"\n"                                                    \
                         ".asciz \"" #name "\"\n"                                                \
                         ".asciz \"8@%0 8@%1 8@%2 8@%3\"\n"                                      \
                         "994: .balign 4\n"                                                      \
                         ".popsection\n"                                                         \
                         ".ifndef _.stapsdt.base\n"                                              \
                         ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
                         ".weak _.stapsdt.base\n"                                                \
                         ".hidden _.stapsdt.base\n"                                              \
                         "_.stapsdt.base: .space 1\n"                                            \
                         ".size _.stapsdt.base, 1\n"                                             \
                         ".popsection\n"                                                         \
                         ".endif\n"                                                              \
                         :                                                                       \
                         : PROBE_ARG(a), PROBE_ARG(b), PROBE_ARG(c), PROBE_ARG(d))
#else
#define PROBE4(name, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

#endif
