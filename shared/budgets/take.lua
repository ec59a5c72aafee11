-- Decides how many calls may be made now so that no window ever holds more than `limit` units, and counts them at once.
-- KEYS: what was taken; the throttle. ARGV: now (-1: Redis tells), limit (0: none), per ms, lease ms, lease, its number,
-- number of the lease before, units given back of that, calls, cost of each, wish, sort, then each sort and its own units.
-- Answers now, calls granted, spare units leased, and when it is worth asking again if not all were granted.
local call, floor, max, min = redis.call, math.floor, math.max, math.min
local now = tonumber(ARGV[1])
if now < 0 then
  local time = call('TIME')
  now = time[1] * 1000 + floor(time[2] / 1000)
end
local limit, per, leaseMs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local lease, number, before, back = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local calls, cost, wish, sort = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12]

local throttled = tonumber(call('GET', KEYS[2]) or 0)
if throttled > now then return { now, 0, 0, throttled } end
if limit == 0 then return { now, calls, wish, 0 } end

-- uses: by sort, when it took how many of its own, oldest first; loans: the same of what it borrowed; lent: when it may
-- borrow again; wants: until when it is owed its own. per: the widest window asked for; asked: when. spares: by lease, its
-- number, its last moment, its units.
local packed = call('GET', KEYS[1])
local state = packed and cmsgpack.unpack(packed)
  or { uses = {}, loans = {}, per = per, asked = now, lent = {}, wants = {}, spares = {} }
local isChanged = false

-- A narrower window must not forget what a wider one, which others still ask with, has to know. That somebody did is
-- noted a few times in a window.
local unasked = now - state.asked
if per > state.per or unasked > 1.25 * state.per or per == state.per and unasked > per / 4 then
  state.per, state.asked, isChanged = per, now, true
end
local width = state.per / 128

-- Only what this very lease has left, so that a command which Redis carries out twice gives back once.
local spare = state.spares[lease]
if spare and back > 0 and spare[1] == before then
  local uses = state.uses[sort] or {}
  for i = 1, #uses, 2 do
    if uses[i] >= spare[2] then
      uses[i + 1] = max(0, uses[i + 1] - min(back, spare[3]))
      isChanged = true
      break
    end
  end
end
state.spares[lease] = nil
local spares = 0
for other, kept in pairs(state.spares) do
  if kept[2] < now - 2000 then state.spares[other] = nil else spares = spares + 1 end
end

for _, times in ipairs({ state.lent, state.wants }) do
  for name, at in pairs(times) do
    if at <= now then times[name] = nil end
  end
end

local total = 0
local function add(log)
  local sums = {}
  for name, uses in pairs(log) do
    local kept, sum = {}, 0
    for i = 1, #uses, 2 do
      -- What lies in the future was taken before the clock was set back.
      local at, units = min(uses[i], now + 1000), uses[i + 1]
      isChanged = isChanged or at < uses[i]
      if units > 0 and at >= now - state.per then
        kept[#kept + 1] = at
        kept[#kept + 1] = units
        if at >= now - per then sum = sum + units end
      end
    end
    log[name] = #kept > 0 and kept or nil
    sums[name], total = sum, total + sum
  end
  return sums
end
local used = add(state.uses)
add(state.loans)

-- A sort may take its own whenever there is any; beyond that, what no other sort wants of its own, evenly over the
-- window, so that some of it comes back in every part of it.
local own, owed = limit, 0
for i = 13, #ARGV, 2 do
  local name, units = ARGV[i], tonumber(ARGV[i + 1])
  if name == sort then own = units
  elseif state.wants[name] then owed = owed + max(0, units - (used[name] or 0)) end
end
local mine = max(0, min(limit - total, own - (used[sort] or 0)))
local lent = max(0, limit - total - mine - owed)
local every = own < limit and per / (limit - own) or 0
local free = min(max(state.lent[sort] or 0, now), now + per)
local borrow = every == 0 and lent or free > now + width and 0 or min(lent, floor((now + width - free) / every) + 1)
local granted = min(calls, floor((mine + borrow) / cost))
-- One call may cost more than is lent at a time.
if granted == 0 and calls > 0 and borrow > 0 and mine + lent >= cost then granted = 1 end
local borrowed = max(0, granted * cost - mine)
if borrowed > 0 and every > 0 then state.lent[sort] = free + borrowed * every end

-- What is granted is counted at the last moment at which it may be used: that of a lease is its end, and a call is made a
-- little after it was granted, when its process hears of that.
local last = now + leaseMs + 1
local function count(log, units)
  if units == 0 then return end
  local uses = log[sort] or {}
  local slot, i = floor(last / width), #uses - 1
  while i > 0 and floor(uses[i] / width) > slot do i = i - 2 end
  if i > 0 and floor(uses[i] / width) == slot then
    uses[i], uses[i + 1] = max(uses[i], last), uses[i + 1] + units
  else
    table.insert(uses, i + 2, last)
    table.insert(uses, i + 3, units)
  end
  log[sort] = uses
  isChanged = true
end

count(state.uses, granted * cost - borrowed)
count(state.loans, borrowed)
local leased = 0
if granted == calls and spares < 256 then leased = min(wish, floor(max(0, mine - granted * cost) / 32)) end
if leased > 0 then
  count(state.uses, leased)
  state.spares[lease] = { number, last, leased }
end

local again = 0
if granted < calls then
  local short = cost - (mine + lent - granted * cost)
  again = short > 0 and now + 1 or max(now + 1, math.ceil((state.lent[sort] or now) - width))
  local all = {}
  for _, log in ipairs(short > 0 and { state.uses, state.loans } or {}) do
    for _, uses in pairs(log) do
      for i = 1, #uses, 2 do all[#all + 1] = { uses[i], uses[i + 1] } end
    end
  end
  table.sort(all, function(a, b) return a[1] < b[1] end)
  for _, use in ipairs(all) do
    if short <= 0 then break end
    if use[1] >= now - per then
      short = short - use[2]
      again = use[1] + per + 1
    end
  end
end
local wants = granted < calls and again + max(50, min(1000, 4 * width)) or nil
if #ARGV > 12 and calls > 0 and state.wants[sort] ~= wants then
  state.wants[sort] = wants
  isChanged = true
end

if isChanged then call('SET', KEYS[1], cmsgpack.pack(state), 'PX', floor(state.per + 2000)) end
return { now, granted, leased, again }
