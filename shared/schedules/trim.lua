-- Removes entries of the history, with all that is known of their runs.
-- KEYS: history, beginning of the keys of orders, of runs. ARGV: entries, `<schedule> <run>`
for _, entry in ipairs(ARGV) do
  local id, run = string.match(entry, '^(%S+) (%S+)$')
  redis.call('ZREM', KEYS[1], entry)
  if id then
    redis.call('ZREM', KEYS[2] .. id, run)
    redis.call('HDEL', KEYS[3] .. id, run, run .. ':began', run .. ':ended')
  end
end
return #ARGV
