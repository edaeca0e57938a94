/*
 * pause: what holds a pod's namespaces open, and the init process of the local cluster's node.
 * It does nothing until TERM or INT, and reaps every child that the kernel hands to it.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int sig)
{
    (void)sig;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

static void leave(int sig)
{
    (void)sig;
    _exit(0);
}

int main(void)
{
    struct sigaction chld = { .sa_handler = reap, .sa_flags = SA_NOCLDSTOP };
    struct sigaction term = { .sa_handler = leave };

    if (sigaction(SIGCHLD, &chld, NULL) || sigaction(SIGTERM, &term, NULL) || sigaction(SIGINT, &term, NULL)) {
        return 1;
    }
    reap(SIGCHLD);
    for (;;) {
        pause();
    }
}
