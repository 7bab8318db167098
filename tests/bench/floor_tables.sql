-- The rows that a document leaves, with their keys and the indexes that people search by: docaxis' own tables as they stood
-- when the floor was written, without triggers. They stay as they are when docaxis' tables change.
CREATE TABLE packages (digest text PRIMARY KEY, size_bytes bigint NOT NULL, body bytea);
CREATE TABLE submissions (
    submission_id uuid PRIMARY KEY, endpoint text NOT NULL, message_id text NOT NULL, digest text NOT NULL,
    lane text NOT NULL, outcome text NOT NULL, code text NOT NULL, detail text NOT NULL, place text NOT NULL,
    sender text NOT NULL, document_id text NOT NULL, received_at timestamptz NOT NULL, decided_at timestamptz NOT NULL,
    retry_at timestamptz, event_id uuid NOT NULL, receipt bytea NOT NULL, UNIQUE (message_id, digest, endpoint)
);
CREATE INDEX ON submissions (endpoint, received_at, submission_id);
CREATE INDEX ON submissions (received_at, submission_id);
CREATE INDEX ON submissions (document_id, sender);
CREATE INDEX ON submissions (retry_at) WHERE outcome = 'deferred';
CREATE TABLE documents (
    document_key uuid PRIMARY KEY, sender text NOT NULL, document_id text NOT NULL, digest text NOT NULL,
    size_bytes bigint NOT NULL, endpoint text NOT NULL, lane text NOT NULL, priority smallint NOT NULL,
    business_type smallint NOT NULL, code_number text NOT NULL, code_notation text NOT NULL, promulgated_on date,
    type_name text NOT NULL, subject text NOT NULL, folded text NOT NULL, due_on date, accepted_at timestamptz NOT NULL,
    signer text NOT NULL, salt bytea NOT NULL, note bytea NOT NULL, UNIQUE (document_id, sender)
);
CREATE INDEX ON documents (accepted_at, document_key);
CREATE INDEX ON documents (digest);
CREATE TABLE deliveries (
    document_key uuid NOT NULL, organ_id text NOT NULL, addressed_as text NOT NULL, endpoint text NOT NULL,
    lane text NOT NULL, sequence bigint NOT NULL, state text NOT NULL, size_bytes bigint NOT NULL, rule text NOT NULL,
    via text NOT NULL, PRIMARY KEY (document_key, organ_id)
);
CREATE INDEX ON deliveries (endpoint, lane, sequence);
CREATE INDEX ON deliveries (endpoint, lane, sequence) WHERE state = 'waiting';
CREATE TABLE events (
    event_id uuid PRIMARY KEY, kind text NOT NULL, at timestamptz NOT NULL, document_key uuid, canonical bytea NOT NULL,
    leaf_hash bytea NOT NULL
);
CREATE INDEX ON events (document_key, at) WHERE document_key IS NOT NULL;
CREATE TABLE log_entries (leaf_index bigint PRIMARY KEY, event_id uuid NOT NULL UNIQUE);
CREATE TABLE outbox (
    outbox_id uuid PRIMARY KEY, submission_id uuid NOT NULL, targets text NOT NULL, notices text NOT NULL,
    with_receipt boolean NOT NULL, leased_by text NOT NULL, leased_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL, turn smallint NOT NULL
);
CREATE INDEX ON outbox (turn, created_at);
CREATE TABLE fetch_ranges (
    endpoint text NOT NULL, lane text NOT NULL, first_sequence bigint NOT NULL, last_sequence bigint NOT NULL,
    fetched_at timestamptz NOT NULL, PRIMARY KEY (endpoint, lane, first_sequence)
);
ALTER TABLE packages ALTER body SET STORAGE EXTERNAL;
ALTER TABLE submissions ALTER receipt SET STORAGE EXTERNAL;
ALTER TABLE documents ALTER note SET STORAGE EXTERNAL;
ALTER TABLE events ALTER canonical SET STORAGE EXTERNAL;
