-- Removes records that are still as they were read.
-- KEYS: records. ARGV: for each its id and the version it was read with.
for at = 1, #ARGV, 2 do
  local text = redis.call('HGET', KEYS[1], ARGV[at])
  if text and string.match(text, '^%d+') == ARGV[at + 1] then redis.call('HDEL', KEYS[1], ARGV[at]) end
end
