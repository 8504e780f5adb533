"""The text that goes with every export."""

README = """\
This is an audit log of Outcry, up to a signed checkpoint. To verify it, on any machine where Outcry is installed
(no server, no database, no network):

    outcry audit verify THIS.zip --key 'NAME+ID+BASE64' [--checkpoint A.note ...]

The key is the one that you wrote down from GET /api/v1/audit/key before. Without --key that in keys.json is believed,
which whoever forges an export forges too. Checkpoints that you kept elsewhere show that nothing before them was changed
since, and that nothing was cut off the end.

manifest.json      which log this is, how many entries it has, how many of the oldest were archived away, and when it
                   was made (not signed: only said)
checkpoint.note    the checkpoint that this export goes up to: keep it, apart from the server
checkpoints.jsonl  every checkpoint up to there, a signed note (C2SP signed-note, tlog-checkpoint; Ed25519) a line
keys.json          the keys that the checkpoints are signed by
leaf_hashes        the hash of every entry: SHA-256 of a zero byte and the entry, 32 bytes each, in order (RFC 9162)
entries.jsonl      every entry, exactly the bytes that were hashed, a line each, in order; where an entry was
                   archived away its line is empty, and its hash still there
opened.jsonl       what the sealed values in the entries say, where their person was not erased before this was made

opened.jsonl is outside the proof: only who holds the keys can say that the words are those that were sealed. Show it to
nobody who need not see it, and delete it when somebody in it has to be forgotten: all else stays valid without it.

An entry is JSON: v (1), index, id, time (UTC), tenant, actor, act, object {type, id}, person, outcome (done, failed or
refused), request, trace, address, before, after, sealed. What is sealed is encrypted under a person's key.
"""
