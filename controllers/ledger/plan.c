#include "controllers/ledger/ledger.h"

/* Admissions come first: a pass that is cut short must not have told of GPUs that nobody was given.
 */
void ledger_plan(const void *view, struct plan *p)
{
    struct snapshot s;

    snapshot_build(&s, p->a, view);
    ledger_admit(&s, p);
    ledger_say(&s, p);
}
