// Hierarchical timing wheel: set and cancel in O(1), any jump of time costs only the timers that are due or cascade.
//
// Ticks are absolute numbers (a shard uses milliseconds of its clock). A timer sits at the level of the highest 6-bit
// digit in which its tick differs from now, in the slot of its own digit there. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace lt::net {

class TimerWheel {
  struct Link {
    Link* previous = this;
    Link* next = this;
  };

 public:
  // Intrusive: lives inside what waits; cancels itself when destroyed.
  class Timer : private Link {
   public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    bool armed() const { return wheel_ != nullptr; }
    uint64_t tick() const { return tick_; }
    virtual ~Timer() { cancel(); }
    void cancel();

   protected:
    virtual void due() = 0;  // may set or cancel any timer, also this one

   private:
    friend class TimerWheel;
    TimerWheel* wheel_ = nullptr;
    uint64_t tick_ = 0;
    int level_ = -1;  // -1: taken out of its slot, about to be due
    int slot_ = 0;
  };

  TimerWheel() = default;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();  // forgets what is still armed

  // Arms or re-arms. A tick that has passed is due at the next advance past now.
  void set(Timer& timer, uint64_t tick);
  // Moves to `tick` and calls due() of all timers up to it, tick by tick.
  void advance(uint64_t tick);
  // No timer is due before this tick; none is armed when empty.
  std::optional<uint64_t> next() const;
  uint64_t now() const { return now_; }

 private:
  static constexpr int kBits = 6, kSlots = 1 << kBits, kLevels = 8;
  static constexpr uint64_t kLast = (uint64_t{1} << (kBits * kLevels)) - 1;
  void insert(Timer& timer);
  static void link(Link& head, Link& node);
  static void unlink(Link& node);
  void empty_slot(int level, int slot);

  std::array<std::array<Link, kSlots>, kLevels> slots_;
  std::array<uint64_t, kLevels> used_{};
  uint64_t now_ = 0;
};

}  // namespace lt::net
