#!lua flags=allow-oom
-- Appends entries of work that was handed in. The oldest leave: those too many, and those too old.
-- KEYS log  ARGV the most entries, the oldest time in ms, then the entries as JSON
for at = 3, #ARGV do redis.call('XADD', KEYS[1], '*', 'e', ARGV[at]) end
redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[1])
redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[2])
