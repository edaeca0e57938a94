/*
 * schema.h — the mirror's tables and the documented lineage view, as one idempotent script.
 */
#ifndef DKUBE_PG_SCHEMA_H
#define DKUBE_PG_SCHEMA_H

extern const char pg_schema_sql[];

#endif
