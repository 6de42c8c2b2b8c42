#include "weights/pickle.h"

#include <charconv>
#include <cstring>
#include <unordered_map>

#include "base/error.h"
#include "weights/pickle_opcodes.h"
#include "weights/pickle_weight.h"

namespace thorax::weights {
namespace {

constexpr std::size_t kMostValues = 10'000'000;

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const PickleHooks& hooks, const std::string& file)
      : bytes_(bytes), hooks_(hooks), file_(file) {}

  PickleResult run() {
    for (;;) {
      const auto op = static_cast<unsigned char>(take(1)[0]);
      if (op == kStop) {
        PickleRef value = pop();
        return {std::move(arena_), value, at_};
      }
      step(op);
    }
  }

 private:
  [[noreturn]] void bad(const std::string& detail) const {
    throw Error("bad_weights"_code,
                {{"path", file_}, {"detail", detail + " (byte " + std::to_string(at_) + ")"}});
  }

  std::span<const std::byte> take(std::uint64_t n) {
    if (n > bytes_.size() - at_) bad("the pickle ends too early");
    const auto out = bytes_.subspan(at_, n);
    at_ += n;
    return out;
  }

  template <class T>
  T number() {  // little-endian, as the host
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::string text(std::uint64_t n) {
    const auto from = take(n);
    return {reinterpret_cast<const char*>(from.data()), from.size()};
  }

  std::string line() {
    std::string out;
    for (;;) {
      const char c = static_cast<char>(take(1)[0]);
      if (c == '\n') return out;
      out += c;
    }
  }

  std::int64_t decimal(const std::string& digits) {
    std::int64_t value = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (problem != std::errc() || end != digits.data() + digits.size()) bad("not a number");
    return value;
  }

  PickleValue* make(PickleValue value) {
    if (arena_->size() + copied_ >= kMostValues) bad("more values than any state dict has");
    arena_->push_back(std::move(value));
    return &arena_->back();
  }
  /// What a hook made may be a copy of its argument, which few bytes can ask for again and again.
  PickleValue* make_copy(PickleValue value) {
    copied_ += weight_of(value);
    return make(std::move(value));
  }
  template <class T>
  void push(T value) {
    stack_.push_back(make({std::move(value)}));
  }
  PickleValue* pop() {
    if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size()))
      bad("the stack is empty");
    PickleValue* top = stack_.back();
    stack_.pop_back();
    return top;
  }
  PickleValue* top() {
    PickleValue* value = pop();
    stack_.push_back(value);
    return value;
  }
  /// Everything above the last mark, which goes too.
  std::vector<PickleRef> pop_to_mark() {
    if (marks_.empty()) bad("no mark on the stack");
    const std::size_t from = marks_.back();
    marks_.pop_back();
    std::vector<PickleRef> items(stack_.begin() + static_cast<std::ptrdiff_t>(from), stack_.end());
    stack_.resize(from);
    return items;
  }
  std::vector<PickleRef> pop_many(std::size_t n) {
    std::vector<PickleRef> items(n);
    while (n-- > 0) items[n] = pop();
    return items;
  }

  void memo_put(std::uint64_t key) { memo_[key] = top(); }
  void memo_get(std::uint64_t key) {
    const auto it = memo_.find(key);
    if (it == memo_.end()) bad("the memo has no such entry");
    stack_.push_back(it->second);
  }

  void append(PickleValue* to, const std::vector<PickleRef>& items) {
    auto* list = std::get_if<PickleList>(&to->value);
    if (!list) bad("items are appended to something that is no list");
    list->items.insert(list->items.end(), items.begin(), items.end());
  }
  void set_items(PickleValue* to, const std::vector<PickleRef>& items) {
    auto* dict = std::get_if<PickleDict>(&to->value);
    if (!dict) bad("items are set on something that is no dict");
    if (items.size() % 2 != 0) bad("a key has no value");
    for (std::size_t i = 0; i < items.size(); i += 2)
      dict->items.emplace_back(items[i], items[i + 1]);
  }
  PickleDict dict_of(const std::vector<PickleRef>& items) {
    PickleValue value{PickleDict{}};
    set_items(&value, items);
    return std::get<PickleDict>(std::move(value.value));
  }

  void reduce() {
    PickleRef arguments = pop();
    PickleRef callee = pop();
    const auto* name = get_if<PickleGlobal>(callee);
    const auto* tuple = get_if<PickleTuple>(arguments);
    if (!name || !tuple) bad("something that is no class is called");
    stack_.push_back(make_copy(hooks_.call(name->name, tuple->items)));
  }

  void global() {
    const std::string module = line();
    push(PickleGlobal{module + "." + line()});
  }
  void stack_global() {
    const PickleRef attribute = pop();
    const PickleRef module = pop();
    const auto* a = get_if<std::string>(attribute);
    const auto* m = get_if<std::string>(module);
    if (!a || !m) bad("a class without a name");
    push(PickleGlobal{*m + "." + *a});
  }

  /// LONG1: a little-endian two's complement. What does not fit 64 bits stays bytes (the magic
  /// number of legacy torch files is such a one).
  void long1() {
    const auto n = number<std::uint8_t>();
    const auto from = take(n);
    if (n > 8) return push(PickleBytes{{reinterpret_cast<const char*>(from.data()), from.size()}});
    std::uint64_t value = n > 0 && (static_cast<unsigned>(from[n - 1]) & 0x80U) ? ~0ULL : 0;
    for (std::size_t i = n; i-- > 0;) value = value << 8 | static_cast<std::uint64_t>(from[i]);
    push(static_cast<std::int64_t>(value));
  }

  /// BINFLOAT is big-endian.
  void bin_float() {
    std::uint64_t bits = 0;
    for (const std::byte b : take(8)) bits = bits << 8 | static_cast<std::uint64_t>(b);
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    push(value);
  }

  void int_line() {
    const std::string digits = line();
    if (digits == "00" || digits == "01")
      push(digits == "01");
    else
      push(decimal(digits));
  }
  void long_line() {
    std::string digits = line();
    if (!digits.empty() && digits.back() == 'L') digits.pop_back();
    push(decimal(digits));
  }

  /// BUILD sets attributes. Of what may be here only an OrderedDict has any (`_metadata`), and none
  /// of them matters to a state dict.
  void build() {
    pop();
    if (!get_if<PickleDict>(top())) bad("attributes are set on something that has none");
  }

  void step(unsigned char op) {
    switch (op) {
      case kProto:
        if (number<std::uint8_t>() > 5) bad("a newer pickle protocol");
        return;
      case kFrame:
        take(8);
        return;
      case kMark:
        marks_.push_back(stack_.size());
        return;
      case kPop:
        pop();
        return;
      case kPopMark:
        pop_to_mark();
        return;
      case kDup:
        stack_.push_back(top());
        return;
      default:
        if (!constant(op) && !container(op) && !memo(op)) object(op);
    }
  }

  bool constant(unsigned char op) {
    switch (op) {
      case kNone:
        push(PickleNone{});
        return true;
      case kNewTrue:
        push(true);
        return true;
      case kNewFalse:
        push(false);
        return true;
      case kInt:
        int_line();
        return true;
      case kLong:
        long_line();
        return true;
      case kBinInt:
        push(std::int64_t{number<std::int32_t>()});
        return true;
      case kBinInt1:
        push(std::int64_t{number<std::uint8_t>()});
        return true;
      case kBinInt2:
        push(std::int64_t{number<std::uint16_t>()});
        return true;
      case kLong1:
        long1();
        return true;
      case kBinFloat:
        bin_float();
        return true;
      case kShortBinString:
      case kShortBinUnicode:
        push(text(number<std::uint8_t>()));
        return true;
      case kBinString:
      case kBinUnicode:
        push(text(number<std::uint32_t>()));
        return true;
      case kBinUnicode8:
        push(text(number<std::uint64_t>()));
        return true;
      case kShortBinBytes:
        push(PickleBytes{text(number<std::uint8_t>())});
        return true;
      case kBinBytes:
        push(PickleBytes{text(number<std::uint32_t>())});
        return true;
      case kBinBytes8:
        push(PickleBytes{text(number<std::uint64_t>())});
        return true;
      default:
        return false;
    }
  }
  bool container(unsigned char op) {
    switch (op) {
      case kEmptyList:
        push(PickleList{});
        return true;
      case kList:
        push(PickleList{pop_to_mark()});
        return true;
      case kAppend: {
        const PickleRef item = pop();
        append(top(), {item});
        return true;
      }
      case kAppends: {
        const auto items = pop_to_mark();
        append(top(), items);
        return true;
      }
      case kEmptyTuple:
        push(PickleTuple{});
        return true;
      case kTuple:
        push(PickleTuple{pop_to_mark()});
        return true;
      case kTuple1:
      case kTuple2:
      case kTuple3:
        push(PickleTuple{pop_many(static_cast<std::size_t>(op - kTuple1 + 1))});
        return true;
      case kEmptyDict:
        push(PickleDict{});
        return true;
      case kDict:
        push(dict_of(pop_to_mark()));
        return true;
      case kSetItem: {
        const auto pair = pop_many(2);
        set_items(top(), pair);
        return true;
      }
      case kSetItems: {
        const auto items = pop_to_mark();
        set_items(top(), items);
        return true;
      }
      default:
        return false;
    }
  }
  bool memo(unsigned char op) {
    switch (op) {
      case kMemoize:
        memo_put(memo_.size());
        return true;
      case kPut:
        memo_put(static_cast<std::uint64_t>(decimal(line())));
        return true;
      case kBinPut:
        memo_put(number<std::uint8_t>());
        return true;
      case kLongBinPut:
        memo_put(number<std::uint32_t>());
        return true;
      case kGet:
        memo_get(static_cast<std::uint64_t>(decimal(line())));
        return true;
      case kBinGet:
        memo_get(number<std::uint8_t>());
        return true;
      case kLongBinGet:
        memo_get(number<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }

  void object(unsigned char op) {
    switch (op) {
      case kGlobal:
        return global();
      case kStackGlobal:
        return stack_global();
      case kReduce:
      case kNewObj:
        return reduce();
      case kBuild:
        return build();
      case kPersistent: {
        const PickleRef id = pop();
        stack_.push_back(make_copy(hooks_.persistent(id)));
        return;
      }
      default:
        bad("pickle opcode " + std::to_string(op) + " is not allowed");
    }
  }

  std::span<const std::byte> bytes_;
  const PickleHooks& hooks_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;  ///< items inside the values that hooks made
  std::shared_ptr<std::deque<PickleValue>> arena_ = std::make_shared<std::deque<PickleValue>>();
  std::vector<PickleValue*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PickleValue*> memo_;
};

}  // namespace

PickleResult read_pickle(std::span<const std::byte> bytes, const PickleHooks& hooks,
                         const std::string& file) {
  return Machine(bytes, hooks, file).run();
}

}  // namespace thorax::weights
