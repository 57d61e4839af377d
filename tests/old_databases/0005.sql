BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	medium TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE alerts (
	message_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	line TEXT NOT NULL, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	told_at BIGINT, 
	CONSTRAINT pk_alerts PRIMARY KEY (message_id)
);
CREATE TABLE api_keys (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	hint TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	CONSTRAINT pk_api_keys PRIMARY KEY (id), 
	CONSTRAINT uq_api_keys_digest UNIQUE (digest)
);
CREATE TABLE arrivals (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	hour BIGINT NOT NULL, 
	n INTEGER NOT NULL, 
	duplicates INTEGER NOT NULL, 
	violations INTEGER NOT NULL, 
	seen TEXT NOT NULL, 
	CONSTRAINT pk_arrivals PRIMARY KEY (id)
);
CREATE TABLE audit_entries (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	details TEXT NOT NULL, 
	CONSTRAINT pk_audit_entries PRIMARY KEY (id)
);
CREATE TABLE bounces (
	address TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	last_at BIGINT NOT NULL, 
	said TEXT NOT NULL, 
	CONSTRAINT pk_bounces PRIMARY KEY (address, channel)
);
CREATE TABLE callbacks (
	digest BLOB NOT NULL, 
	account_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	reference TEXT, 
	told TEXT NOT NULL, 
	CONSTRAINT pk_callbacks PRIMARY KEY (digest)
);
CREATE TABLE caps (
	contact_id INTEGER NOT NULL, 
	hour INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	journey_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_caps PRIMARY KEY (contact_id, hour, channel, journey_id)
)
 WITHOUT ROWID

;
CREATE TABLE connections (
	id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	brings TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	shown TEXT NOT NULL, 
	"query" TEXT NOT NULL, 
	key_column TEXT NOT NULL, 
	last_key TEXT, 
	event TEXT NOT NULL, 
	mapping TEXT NOT NULL, 
	minutes INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	state TEXT NOT NULL, 
	said TEXT NOT NULL, 
	ran_at BIGINT, 
	next_at BIGINT, 
	created_at BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_connections PRIMARY KEY (id)
);
CREATE TABLE consents (
	id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	action TEXT NOT NULL, 
	source TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	evidence TEXT NOT NULL, legal_basis TEXT DEFAULT '' NOT NULL, wording TEXT DEFAULT '' NOT NULL, language TEXT DEFAULT '' NOT NULL, actor TEXT DEFAULT '' NOT NULL, confirmed_at BIGINT, identifier TEXT, ip TEXT, agent TEXT, salt TEXT, sealed TEXT DEFAULT '' NOT NULL, previous TEXT DEFAULT '' NOT NULL, hash TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_consents PRIMARY KEY (id)
);
CREATE TABLE contact_words (
	word TEXT NOT NULL, 
	contact_id INTEGER NOT NULL, 
	CONSTRAINT pk_contact_words PRIMARY KEY (word, contact_id)
)
 WITHOUT ROWID

;
CREATE TABLE contacts (
	id INTEGER NOT NULL, 
	external_id TEXT, 
	email TEXT, 
	phone TEXT, 
	properties TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	erased_at BIGINT, 
	merged_into INTEGER, 
	CONSTRAINT pk_contacts PRIMARY KEY (id)
);
INSERT INTO "contacts" VALUES(1,NULL,'ann@example.com',NULL,'{"first_name":"Ann"}',1793491200000,1793491200000,NULL,NULL);
CREATE TABLE contracts (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	description TEXT NOT NULL, 
	form TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	learnt TEXT NOT NULL, 
	violations INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_contracts PRIMARY KEY (id)
);
CREATE TABLE conversions (
	enrollment_id INTEGER NOT NULL, 
	node INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_conversions PRIMARY KEY (enrollment_id, node)
)
 WITHOUT ROWID

;
CREATE TABLE coupon_pools (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	per TEXT NOT NULL, 
	when_empty TEXT NOT NULL, 
	low INTEGER NOT NULL, 
	expires_at BIGINT, 
	event TEXT NOT NULL, 
	property TEXT NOT NULL, 
	seen BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_coupon_pools PRIMARY KEY (id), 
	CONSTRAINT uq_coupon_pools_name UNIQUE (name)
);
CREATE TABLE coupons (
	id INTEGER NOT NULL, 
	pool_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	contact_id INTEGER, 
	message_id INTEGER, 
	reserved_at BIGINT, 
	given_at BIGINT, 
	redeemed_at BIGINT, 
	expires_at BIGINT, 
	CONSTRAINT pk_coupons PRIMARY KEY (id)
);
CREATE TABLE crm_tasks (
	message_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	description TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	value TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	status TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	done_at BIGINT, 
	CONSTRAINT pk_crm_tasks PRIMARY KEY (message_id)
);
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	message_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	verdict TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	inputs TEXT NOT NULL, 
	CONSTRAINT pk_decisions PRIMARY KEY (id)
);
CREATE TABLE devices (
	id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	medium TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	token TEXT NOT NULL, 
	keys TEXT NOT NULL, 
	app TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	seen_at BIGINT NOT NULL, 
	CONSTRAINT pk_devices PRIMARY KEY (id)
);
CREATE TABLE dkim_keys (
	id INTEGER NOT NULL, 
	domain TEXT NOT NULL, 
	selector TEXT NOT NULL, 
	algorithm TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	record TEXT NOT NULL, 
	status TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_dkim_keys PRIMARY KEY (id)
);
CREATE TABLE draft_edits (
	journey_id INTEGER NOT NULL, 
	editor TEXT NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	CONSTRAINT pk_draft_edits PRIMARY KEY (journey_id, editor)
);
CREATE TABLE enrollments (
	id INTEGER NOT NULL, 
	journey_id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	node INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	due_at BIGINT, 
	wait_event TEXT, 
	outbox INTEGER NOT NULL, 
	outcome TEXT, 
	interrupt INTEGER, 
	entered_at BIGINT NOT NULL, 
	since_at BIGINT NOT NULL, 
	event_id INTEGER, 
	ended_at BIGINT, 
	reason TEXT, 
	CONSTRAINT pk_enrollments PRIMARY KEY (id)
);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	message_key TEXT, 
	properties TEXT NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id)
);
CREATE TABLE features (
	contact_id INTEGER NOT NULL, 
	orders INTEGER NOT NULL, 
	revenue FLOAT NOT NULL, 
	refunded FLOAT NOT NULL, 
	average_order FLOAT, 
	first_order_at BIGINT, 
	last_order_at BIGINT, 
	order_interval_days FLOAT, 
	favourite_category TEXT, 
	last_seen_at BIGINT, 
	engagement SMALLINT NOT NULL, 
	r SMALLINT, 
	f SMALLINT, 
	m SMALLINT, 
	rfm TEXT, 
	revenue_tenth SMALLINT, 
	stage TEXT, 
	stage_since_at BIGINT, 
	refreshed_at BIGINT, 
	next_change_at BIGINT, 
	touched INTEGER NOT NULL, 
	CONSTRAINT pk_features PRIMARY KEY (contact_id)
);
CREATE TABLE forms (
	name TEXT NOT NULL, 
	words TEXT NOT NULL, 
	topics TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	then_url TEXT NOT NULL, 
	archived_at INTEGER, 
	changed_at INTEGER NOT NULL, 
	CONSTRAINT pk_forms PRIMARY KEY (name)
);
CREATE TABLE identities (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	contact_id INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, source TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_identities PRIMARY KEY (id)
);
CREATE TABLE import_errors (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	raw TEXT NOT NULL, 
	CONSTRAINT pk_import_errors PRIMARY KEY (id)
);
CREATE TABLE import_runs (
	id INTEGER NOT NULL, 
	file_name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	mapping TEXT NOT NULL, 
	rows INTEGER NOT NULL, 
	created INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	unchanged INTEGER NOT NULL, 
	bad INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	finished_at BIGINT, kind TEXT DEFAULT 'contacts' NOT NULL, shape TEXT, position INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_import_runs PRIMARY KEY (id)
);
CREATE TABLE journeys (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	status TEXT NOT NULL, 
	draft TEXT NOT NULL, 
	live_version INTEGER, 
	priority INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_journeys PRIMARY KEY (id), 
	CONSTRAINT uq_journeys_name UNIQUE (name)
);
INSERT INTO "journeys" VALUES(1,'welcome','Welcome','live','{"letters":{},"name":"welcome","nodes":{"start":{"kind":"trigger_event","next":{},"settings":{"event":"subscribed"}}},"title":"Welcome"}',1,0,1793491200000,1793491200000);
CREATE TABLE letter_audits (
	journey_id INTEGER NOT NULL, 
	letter TEXT NOT NULL, 
	findings TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_letter_audits PRIMARY KEY (journey_id, letter)
);
CREATE TABLE link_answers (
	hash TEXT NOT NULL, 
	address TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	problem TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_link_answers PRIMARY KEY (hash)
);
CREATE TABLE mail_batches (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	pieces INTEGER NOT NULL, 
	closed_at BIGINT NOT NULL, 
	made_at BIGINT, 
	taken_at BIGINT, 
	taken_by TEXT NOT NULL, 
	told_at BIGINT, 
	said TEXT NOT NULL, 
	CONSTRAINT pk_mail_batches PRIMARY KEY (id)
);
CREATE TABLE mail_pieces (
	message_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	batch_id INTEGER, 
	address TEXT NOT NULL, 
	content TEXT NOT NULL, 
	placed_at BIGINT NOT NULL, 
	CONSTRAINT pk_mail_pieces PRIMARY KEY (message_id)
);
CREATE TABLE match_keys (
	"key" BIGINT NOT NULL, 
	contact_id INTEGER NOT NULL, 
	shared INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_match_keys PRIMARY KEY ("key", contact_id)
)
 WITHOUT ROWID

;
CREATE TABLE match_suggestions (
	id INTEGER NOT NULL, 
	one INTEGER NOT NULL, 
	other INTEGER NOT NULL, 
	score INTEGER NOT NULL, 
	reasons TEXT NOT NULL, 
	status TEXT NOT NULL, 
	found_at BIGINT NOT NULL, 
	decided_at BIGINT, 
	decided_by TEXT NOT NULL, 
	CONSTRAINT pk_match_suggestions PRIMARY KEY (id)
);
CREATE TABLE merges (
	id INTEGER NOT NULL, 
	loser INTEGER NOT NULL, 
	winner INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	undone_at BIGINT, 
	undone_by TEXT DEFAULT '' NOT NULL, 
	"before" TEXT NOT NULL, 
	CONSTRAINT pk_merges PRIMARY KEY (id)
);
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	enrollment_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	node INTEGER NOT NULL, 
	journey_id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	content TEXT NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT, 
	queued_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	worker TEXT, 
	attempts INTEGER NOT NULL, 
	sent_at BIGINT, 
	opened_at BIGINT, 
	clicked_at BIGINT, turn INTEGER DEFAULT '0' NOT NULL, rank INTEGER DEFAULT '3' NOT NULL, weight INTEGER DEFAULT '0' NOT NULL, account TEXT, reference TEXT, delivered_at BIGINT, units INTEGER, cost BIGINT, 
	CONSTRAINT pk_messages PRIMARY KEY (id)
);
CREATE TABLE node_counts (
	version_id INTEGER NOT NULL, 
	node INTEGER NOT NULL, 
	port TEXT NOT NULL, 
	day INTEGER NOT NULL, 
	n BIGINT NOT NULL, 
	CONSTRAINT pk_node_counts PRIMARY KEY (version_id, node, port, day)
);
CREATE TABLE node_deltas (
	id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	node INTEGER NOT NULL, 
	port TEXT NOT NULL, 
	day INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_node_deltas PRIMARY KEY (id)
);
CREATE TABLE openings (
	message_id INTEGER NOT NULL, 
	link SMALLINT NOT NULL, 
	url TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	why TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	version_id INTEGER NOT NULL, 
	node INTEGER NOT NULL, 
	CONSTRAINT pk_openings PRIMARY KEY (message_id, link, url, kind)
);
CREATE TABLE outside_answers (
	source_id INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_outside_answers PRIMARY KEY (source_id, digest)
);
CREATE TABLE outside_sources (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	url TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	fallback TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	keep_minutes INTEGER NOT NULL, 
	timeout_ms INTEGER NOT NULL, 
	active SMALLINT NOT NULL, 
	trouble TEXT NOT NULL, 
	asked_at BIGINT, 
	answered_at BIGINT, 
	created_at BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_outside_sources PRIMARY KEY (id), 
	CONSTRAINT uq_outside_sources_name UNIQUE (name)
);
CREATE TABLE paces (
	name TEXT NOT NULL, 
	per_minute FLOAT, 
	"before" FLOAT, 
	slowed_at BIGINT NOT NULL, 
	next_at BIGINT NOT NULL, 
	back_at BIGINT NOT NULL, 
	CONSTRAINT pk_paces PRIMARY KEY (name)
);
CREATE TABLE paths (
	id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	steps TEXT NOT NULL, 
	CONSTRAINT pk_paths PRIMARY KEY (id)
);
CREATE TABLE policies (
	id INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	status TEXT NOT NULL, 
	author TEXT NOT NULL, 
	note TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	decided_by TEXT, 
	decided_at BIGINT, 
	CONSTRAINT pk_policies PRIMARY KEY (id)
);
CREATE TABLE presences (
	name TEXT NOT NULL, 
	day BIGINT NOT NULL, 
	property TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_presences PRIMARY KEY (name, day, property)
);
CREATE TABLE products (
	id INTEGER NOT NULL, 
	sku TEXT NOT NULL, 
	title TEXT NOT NULL, 
	url TEXT NOT NULL, 
	image TEXT NOT NULL, 
	price FLOAT, 
	old_price FLOAT, 
	currency TEXT NOT NULL, 
	category TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	stock BIGINT, 
	margin FLOAT, 
	language TEXT NOT NULL, 
	published_at BIGINT, 
	active SMALLINT NOT NULL, 
	extra TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_products PRIMARY KEY (id)
);
CREATE TABLE quotas (
	account TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	began_at BIGINT NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_quotas PRIMARY KEY (account, unit)
);
CREATE TABLE rejections (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	source TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	sample TEXT NOT NULL, 
	CONSTRAINT pk_rejections PRIMARY KEY (id)
);
CREATE TABLE requests (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	contact_id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	language TEXT NOT NULL, 
	asked_at INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	handled_at INTEGER, 
	handled_by TEXT, 
	note TEXT NOT NULL, 
	CONSTRAINT pk_requests PRIMARY KEY (id)
);
CREATE TABLE reviews (
	id INTEGER NOT NULL, 
	journey_id INTEGER NOT NULL, 
	content_hash TEXT NOT NULL, 
	content TEXT NOT NULL, 
	state TEXT NOT NULL, 
	asked_by TEXT NOT NULL, 
	asked_at BIGINT NOT NULL, 
	note TEXT NOT NULL, 
	editors TEXT NOT NULL, 
	checks TEXT NOT NULL, 
	decided_by TEXT, 
	decided_at BIGINT, 
	comment TEXT NOT NULL, 
	version_id INTEGER, 
	CONSTRAINT pk_reviews PRIMARY KEY (id)
);
CREATE TABLE segment_members (
	segment_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	since_at BIGINT NOT NULL, 
	CONSTRAINT pk_segment_members PRIMARY KEY (segment_id, contact_id)
)
 WITHOUT ROWID

;
CREATE TABLE segment_sizes (
	segment_id INTEGER NOT NULL, 
	day INTEGER NOT NULL, 
	size BIGINT NOT NULL, 
	joined BIGINT NOT NULL, 
	gone BIGINT NOT NULL, 
	CONSTRAINT pk_segment_sizes PRIMARY KEY (segment_id, day)
);
CREATE TABLE segment_versions (
	id INTEGER NOT NULL, 
	segment_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	author TEXT NOT NULL, 
	note TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_segment_versions PRIMARY KEY (id)
);
CREATE TABLE segments (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	description TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	filled INTEGER NOT NULL, 
	size BIGINT NOT NULL, 
	mark TEXT NOT NULL, 
	trouble TEXT NOT NULL, 
	archived_at BIGINT, 
	expires_at BIGINT, 
	refreshed_at BIGINT, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_segments PRIMARY KEY (id), 
	CONSTRAINT uq_segments_name UNIQUE (name)
);
CREATE TABLE sender_brakes (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	status TEXT NOT NULL, 
	why TEXT NOT NULL, 
	a_day INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	released_at BIGINT, 
	released_by TEXT, 
	CONSTRAINT pk_sender_brakes PRIMARY KEY (id)
);
CREATE TABLE sender_days (
	day INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_sender_days PRIMARY KEY (day, account, provider, kind)
);
CREATE TABLE sender_deltas (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	day INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_sender_deltas PRIMARY KEY (id)
);
CREATE TABLE sender_stops (
	address TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_sender_stops PRIMARY KEY (address, sender)
);
CREATE TABLE setbacks (
	id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	message_id INTEGER, 
	journey_id INTEGER, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_setbacks PRIMARY KEY (id)
);
CREATE TABLE settings (
	"key" TEXT NOT NULL, 
	value TEXT, 
	CONSTRAINT pk_settings PRIMARY KEY ("key")
);
INSERT INTO "settings" VALUES('brand_name','"Shop"');
CREATE TABLE short_links (
	code TEXT NOT NULL, 
	message_id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_short_links PRIMARY KEY (code)
);
CREATE TABLE sign_ins (
	digest TEXT NOT NULL, 
	user_id INTEGER NOT NULL, 
	stamp TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_sign_ins PRIMARY KEY (digest)
);
CREATE TABLE signups (
	id INTEGER NOT NULL, 
	form TEXT NOT NULL, 
	contact_id INTEGER NOT NULL, 
	email TEXT NOT NULL, 
	language TEXT NOT NULL, 
	topics TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	wording TEXT NOT NULL, 
	ip TEXT NOT NULL, 
	agent TEXT NOT NULL, 
	asked_at INTEGER NOT NULL, 
	confirmed_at INTEGER, 
	CONSTRAINT pk_signups PRIMARY KEY (id)
);
CREATE TABLE suppressions (
	id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	CONSTRAINT pk_suppressions PRIMARY KEY (id)
);
CREATE TABLE taken_files (
	id INTEGER NOT NULL, 
	connection_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	said TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_taken_files PRIMARY KEY (id)
);
CREATE TABLE template_versions (
	id INTEGER NOT NULL, 
	template_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	author TEXT NOT NULL, 
	note TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_template_versions PRIMARY KEY (id)
);
CREATE TABLE templates (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	content TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	changed_by TEXT NOT NULL, 
	archived_at BIGINT, 
	CONSTRAINT pk_templates PRIMARY KEY (id), 
	CONSTRAINT uq_templates_name UNIQUE (name)
);
CREATE TABLE tombstones (
	digest TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_tombstones PRIMARY KEY (digest)
);
CREATE TABLE topics (
	name TEXT NOT NULL, 
	words TEXT NOT NULL, 
	channels TEXT NOT NULL, 
	legal_basis TEXT NOT NULL, 
	audience TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	archived_at INTEGER, 
	CONSTRAINT pk_topics PRIMARY KEY (name)
);
CREATE TABLE touches (
	message_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	channel TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	rank INTEGER NOT NULL, 
	journey_id INTEGER NOT NULL, 
	enrollment_id INTEGER NOT NULL, 
	node INTEGER NOT NULL, 
	arrived_at BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_touches PRIMARY KEY (message_id)
);
CREATE TABLE trigger_cursors (
	version_id INTEGER NOT NULL, 
	node TEXT NOT NULL, 
	next_at BIGINT, 
	sweep_at BIGINT, 
	sweep_after INTEGER NOT NULL, 
	CONSTRAINT pk_trigger_cursors PRIMARY KEY (version_id, node)
);
CREATE TABLE turned_away (
	contact_id INTEGER NOT NULL, 
	journey_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	why TEXT NOT NULL, 
	other_id INTEGER, 
	rule TEXT NOT NULL, 
	CONSTRAINT pk_turned_away PRIMARY KEY (contact_id, journey_id)
);
CREATE TABLE users (
	id INTEGER NOT NULL, 
	email TEXT NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	stamp TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	signed_in_at BIGINT, 
	disabled_at BIGINT, 
	vouched_by TEXT NOT NULL, 
	vouched_at BIGINT, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_email UNIQUE (email)
);
CREATE TABLE versions (
	id INTEGER NOT NULL, 
	journey_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	approved_hash TEXT, 
	approved_by TEXT, 
	approved_at BIGINT, 
	author TEXT NOT NULL, 
	note TEXT NOT NULL, 
	created_at BIGINT NOT NULL, legal_basis TEXT, 
	CONSTRAINT pk_versions PRIMARY KEY (id)
);
INSERT INTO "versions" VALUES(1,1,1,'{"letters":{},"name":"welcome","nodes":{"start":{"kind":"trigger_event","next":{},"settings":{"event":"subscribed"}}},"title":"Welcome"}','x','x',NULL,NULL,'','',1793491200000,NULL);
CREATE TABLE violations (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	refused INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	sample TEXT NOT NULL, 
	CONSTRAINT pk_violations PRIMARY KEY (id)
);
CREATE TABLE volumes (
	name TEXT NOT NULL, 
	hour BIGINT NOT NULL, 
	n INTEGER NOT NULL, 
	duplicates INTEGER NOT NULL, 
	violations INTEGER NOT NULL, 
	CONSTRAINT pk_volumes PRIMARY KEY (name, hour)
);
CREATE TABLE waiting_messages (
	message_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	placed_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	shown INTEGER NOT NULL, 
	shown_at BIGINT, 
	most INTEGER NOT NULL, 
	seen_at BIGINT, 
	clicked_at BIGINT, 
	closed_at BIGINT, 
	CONSTRAINT pk_waiting_messages PRIMARY KEY (message_id)
);
CREATE TABLE walks (
	enrollment_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	path_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_walks PRIMARY KEY (enrollment_id, seq)
)
 WITHOUT ROWID

;
CREATE TABLE warm_up_days (
	plan_id INTEGER NOT NULL, 
	day TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	allowed INTEGER, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_warm_up_days PRIMARY KEY (plan_id, day, provider)
);
CREATE TABLE warm_up_places (
	message_id INTEGER NOT NULL, 
	plan_id INTEGER NOT NULL, 
	day TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	CONSTRAINT pk_warm_up_places PRIMARY KEY (message_id, plan_id)
);
CREATE TABLE warm_ups (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	start INTEGER NOT NULL, 
	target INTEGER NOT NULL, 
	days INTEGER NOT NULL, 
	shares TEXT NOT NULL, 
	opens INTEGER NOT NULL, 
	spread INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	allowed INTEGER NOT NULL, 
	day TEXT NOT NULL, 
	status TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	word TEXT NOT NULL, 
	judged_from INTEGER NOT NULL, 
	made_by TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_warm_ups PRIMARY KEY (id)
);
CREATE TABLE webhook_deliveries (
	id INTEGER NOT NULL, 
	webhook_id INTEGER NOT NULL, 
	event_id INTEGER NOT NULL, 
	due_at BIGINT, 
	status TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	code INTEGER, 
	said TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	tried_at BIGINT, 
	CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id)
);
CREATE TABLE webhooks (
	id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	url TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	events TEXT NOT NULL, 
	segments TEXT NOT NULL, 
	status TEXT NOT NULL, 
	failing_since BIGINT, 
	next_at BIGINT, 
	created_at BIGINT NOT NULL, 
	created_by TEXT NOT NULL, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id)
);
CREATE TABLE wishes (
	contact_id INTEGER NOT NULL, 
	per_week INTEGER, 
	paused_until INTEGER, 
	language TEXT NOT NULL, 
	changed_at INTEGER NOT NULL, untracked INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_wishes PRIMARY KEY (contact_id)
);
CREATE TABLE wordings (
	digest TEXT NOT NULL, 
	language TEXT NOT NULL, 
	text TEXT NOT NULL, 
	first_at INTEGER NOT NULL, 
	CONSTRAINT pk_wordings PRIMARY KEY (digest)
);
CREATE INDEX ix_audit_entries_at ON audit_entries (at);
CREATE INDEX ix_consents_contact_id ON consents (contact_id, channel, topic, id);
CREATE INDEX ix_contacts_email ON contacts (email);
CREATE INDEX ix_contacts_external_id ON contacts (external_id);
CREATE INDEX ix_decisions_message_id ON decisions (message_id);
CREATE INDEX ix_enrollments_due ON enrollments (version_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_enrollments_history ON enrollments (journey_id, contact_id, entered_at);
CREATE UNIQUE INDEX ux_enrollments_live ON enrollments (contact_id, journey_id) WHERE ended_at IS NULL;
CREATE INDEX ix_events_contact_id_name_at ON events (contact_id, name, at);
CREATE UNIQUE INDEX ux_events_message_key ON events (message_key);
CREATE INDEX ix_identities_contact_id ON identities (contact_id);
CREATE UNIQUE INDEX ux_identities_kind_value ON identities (kind, value);
CREATE INDEX ix_import_errors_run_id ON import_errors (run_id);
CREATE INDEX ix_messages_contact_id ON messages (contact_id, queued_at);
CREATE INDEX ix_messages_open ON messages (worker) WHERE status IN ('leased', 'sending');
CREATE UNIQUE INDEX ux_messages_enrollment_seq_node ON messages (enrollment_id, seq, node);
CREATE UNIQUE INDEX ux_paths_version_id_steps ON paths (version_id, steps);
CREATE INDEX ix_rejections_at ON rejections (at);
CREATE INDEX ix_rejections_message_id ON rejections (message_id);
CREATE INDEX ix_reviews_journey_id ON reviews (journey_id, id);
CREATE UNIQUE INDEX ux_reviews_open ON reviews (journey_id) WHERE state = 'open';
CREATE UNIQUE INDEX ux_suppressions_address_channel ON suppressions (address, channel);
CREATE UNIQUE INDEX ux_versions_journey_id_number ON versions (journey_id, number);
CREATE INDEX ix_bounces_last_at ON bounces (last_at);
CREATE INDEX ix_contact_words_contact_id ON contact_words (contact_id);
CREATE UNIQUE INDEX ux_contracts_name ON contracts (name);
CREATE INDEX ix_features_next_change_at ON features (next_change_at) WHERE next_change_at IS NOT NULL;
CREATE INDEX ix_features_refreshed_at ON features (refreshed_at);
CREATE INDEX ix_match_keys_contact_id ON match_keys (contact_id);
CREATE INDEX ix_match_suggestions_other ON match_suggestions (other);
CREATE INDEX ix_match_suggestions_status_score ON match_suggestions (status, score, id);
CREATE UNIQUE INDEX ux_match_suggestions_one_other ON match_suggestions (one, other);
CREATE INDEX ix_merges_at ON merges (at);
CREATE INDEX ix_merges_loser ON merges (loser);
CREATE INDEX ix_merges_winner ON merges (winner);
CREATE INDEX ix_presences_day ON presences (day);
CREATE INDEX ix_requests_contact_id ON requests (contact_id);
CREATE INDEX ix_requests_status ON requests (status, asked_at);
CREATE INDEX ix_segment_members_contact_id ON segment_members (contact_id, segment_id);
CREATE UNIQUE INDEX ux_segment_versions_segment_id_revision ON segment_versions (segment_id, revision);
CREATE INDEX ix_signups_asked_at ON signups (asked_at);
CREATE INDEX ix_signups_email ON signups (email, asked_at);
CREATE UNIQUE INDEX ux_taken_files_connection_id_digest ON taken_files (connection_id, digest);
CREATE INDEX ix_violations_name_id ON violations (name, id);
CREATE INDEX ix_volumes_hour ON volumes (hour);
CREATE INDEX ix_webhook_deliveries_due_at ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_webhook_deliveries_event_id ON webhook_deliveries (event_id);
CREATE INDEX ix_webhook_deliveries_webhook_id_id ON webhook_deliveries (webhook_id, id);
CREATE INDEX ix_contacts_changed_at ON contacts (changed_at, id);
CREATE INDEX ix_events_name_at_contact_id ON events (name, at, contact_id);
CREATE INDEX ix_identities_value ON identities (value);
CREATE UNIQUE INDEX ux_accounts_name ON accounts (name);
CREATE INDEX ix_alerts_contact_id ON alerts (contact_id);
CREATE INDEX ix_alerts_line ON alerts (line, told_at);
CREATE INDEX ix_callbacks_at ON callbacks (at);
CREATE INDEX ix_callbacks_early ON callbacks (at) WHERE reference IS NOT NULL;
CREATE INDEX ix_crm_tasks_contact_id ON crm_tasks (contact_id);
CREATE INDEX ix_crm_tasks_made_at ON crm_tasks (made_at);
CREATE INDEX ix_devices_contact_id ON devices (contact_id);
CREATE UNIQUE INDEX ux_devices_token_carrier ON devices (token, carrier);
CREATE UNIQUE INDEX ux_dkim_keys_selector ON dkim_keys (selector);
CREATE INDEX ix_mail_batches_closed_at ON mail_batches (closed_at);
CREATE INDEX ix_mail_pieces_batch_id ON mail_pieces (batch_id, account);
CREATE INDEX ix_mail_pieces_contact_id ON mail_pieces (contact_id);
CREATE INDEX ix_policies_status ON policies (status);
CREATE INDEX ix_setbacks_contact_id ON setbacks (contact_id, at);
CREATE INDEX ix_setbacks_journey_id ON setbacks (journey_id, at);
CREATE INDEX ix_short_links_created_at ON short_links (created_at);
CREATE INDEX ix_short_links_message_id ON short_links (message_id);
CREATE INDEX ix_touches_at ON touches (at);
CREATE INDEX ix_touches_contact_id ON touches (contact_id, at);
CREATE INDEX ix_turned_away_journey_id ON turned_away (journey_id, last_at);
CREATE INDEX ix_waiting_messages_contact_id ON waiting_messages (contact_id, placed_at);
CREATE INDEX ix_contacts_phone ON contacts (phone) WHERE phone IS NOT NULL;
CREATE INDEX ix_messages_queued ON messages (rank, channel, due_at) WHERE status = 'queued';
CREATE INDEX ix_messages_account ON messages (account, queued_at) WHERE account IS NOT NULL;
CREATE INDEX ix_messages_held ON messages (journey_id, node) WHERE status IN ('queued', 'skipped', 'failed');
CREATE INDEX ix_messages_reference ON messages (reference) WHERE reference IS NOT NULL;
CREATE INDEX ix_coupons_contact_id ON coupons (contact_id);
CREATE INDEX ix_coupons_free ON coupons (pool_id, id) WHERE message_id IS NULL AND contact_id IS NULL;
CREATE INDEX ix_coupons_message_id ON coupons (message_id);
CREATE INDEX ix_coupons_open ON coupons (reserved_at) WHERE message_id IS NOT NULL AND given_at IS NULL;
CREATE UNIQUE INDEX ux_coupons_pool_id_code ON coupons (pool_id, code);
CREATE INDEX ix_openings_last_at ON openings (last_at);
CREATE INDEX ix_openings_version_id_node ON openings (version_id, node, link);
CREATE INDEX ix_products_category ON products (category, published_at);
CREATE INDEX ix_products_published_at ON products (published_at);
CREATE UNIQUE INDEX ux_products_sku ON products (sku);
CREATE INDEX ix_sender_brakes_open ON sender_brakes (status) WHERE status = 'braked';
CREATE UNIQUE INDEX ux_template_versions_template_id_number ON template_versions (template_id, number);
CREATE INDEX ix_warm_up_places_day ON warm_up_places (day);
CREATE INDEX ix_messages_clicked ON messages (version_id, node) WHERE clicked_at IS NOT NULL;
COMMIT;
