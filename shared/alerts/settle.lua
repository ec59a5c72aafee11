-- Decides for each of some alerts whether it is still as it was read; if so writes what it became, keeps it when it ended, and tells
-- it, all in one step: however many processes look, and however often this is sent, an alert is told once.
-- KEYS: active, revision, history, ended, log, checked. ARGV: most that are active, most and oldest that are kept, when alerts were
-- looked at ('' for a change by somebody), then for each alert: its place, version that was read (0: none), what it became ('' nothing),
-- id, JSON and end of one that ended ('' none), head of the fact ('' none), its JSON.
-- Answers the new version of each; 0 where somebody was faster, -1 where there is no room.
local call = redis.call
if ARGV[4] ~= '' then call('SET', KEYS[6], ARGV[4]) end
local answers = {}
for at = 5, #ARGV, 8 do
  local place, read, new, ended = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local text = call('HGET', KEYS[1], place)
  local version = text and string.match(text, '^%d+') or '0'
  if version ~= read then
    answers[#answers + 1] = 0
  elseif not text and call('HLEN', KEYS[1]) >= tonumber(ARGV[1]) then
    answers[#answers + 1] = -1
  else
    local now = call('INCR', KEYS[2])
    if new == '' then call('HDEL', KEYS[1], place) else call('HSET', KEYS[1], place, now .. ' ' .. new) end
    if ended ~= '' then
      call('HSET', KEYS[3], ended, now .. ' ' .. ARGV[at + 4])
      call('ZADD', KEYS[4], ARGV[at + 5], ended)
    end
    if ARGV[at + 6] ~= '' then call('XADD', KEYS[5], '*', ARGV[at + 6], ARGV[at + 7]) end
    answers[#answers + 1] = now
  end
end
local old = call('ZRANGEBYSCORE', KEYS[4], '-inf', ARGV[3], 'LIMIT', 0, 500)
local beyond = math.min(500, call('ZCARD', KEYS[4]) - tonumber(ARGV[2]))
if #old == 0 and beyond > 0 then old = call('ZRANGE', KEYS[4], 0, beyond - 1) end
if #old > 0 then
  call('HDEL', KEYS[3], unpack(old))
  call('ZREM', KEYS[4], unpack(old))
end
return answers
