/* route.h — inside the simulated server: what a path means. */
#ifndef DKUBE_SIM_ROUTE_H
#define DKUBE_SIM_ROUTE_H

#include "sim/api/inside.h"

struct api_route {
    struct api_where w;
    const char *query; /* escaped; "" without */
    struct apisim *s;
};
/* -1 with 404 in *ret for a path that is of no kind. */
int route_parse(struct apisim *s, const char *path, struct api_route *r, struct apisim_reply *ret);
/* A parameter, unescaped; "" where absent. */
const char *route_query(const struct api_route *r, const char *name);
/* A Status of failure as a reply. */
void route_fail(struct apisim *s, const struct api_result *r, struct apisim_reply *ret);

#endif
