/*
 * net.h — libgit2's sockets, made by us: every address is looked at after name resolution and
 * before the connection, so that a name cannot lead to this pod, the node's metadata service or the
 * API server.
 *
 * Registered once a process for plain and TLS connections and for ssh; one connection at a time,
 * one thread. Reads and writes end after 60 s of silence, net_guard() ends everything at a
 * deadline.
 */
#ifndef DKUBE_GIT_NET_H
#define DKUBE_GIT_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum net_fault { NET_FINE, NET_UNKNOWN_HOST, NET_REFUSED_ADDRESS, NET_UNREACHABLE, NET_LATE };

/* Why an address may not be connected to ("a link-local address"); NULL when it may. Static. */
const char *net_refusal(const struct sockaddr *sa, bool allow_loopback);

/* Registers the sockets with libgit2, which must be initialised. -1: libgit2 refuses. */
int net_register(bool allow_loopback);

/* From now on, connections are cut when `seconds` have passed; 0 ends the guard. Clears the fault.
 */
void net_guard(int64_t seconds);

/* What went wrong in the last connection, and the words for it (borrowed until the next). */
enum net_fault net_fault(const char **ret_text);

#endif
