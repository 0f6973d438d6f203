#include "train/yaml_document.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/message.h"
#include "text/unicode.h"
#include "train/option_table.h"

namespace snn {
namespace {

constexpr int kDeepest = 64;
constexpr int kMostValues = 200'000;
constexpr const char* kMergedTag = "snn:merged";

Error usage(const std::string& problem) { return Error(ExitCode::kUsage, problem); }

// yaml-cpp treats some control characters as the end of the text.
void check_characters(std::string_view text, const std::string& file) {
  int line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      throw usage(file + " line " + std::to_string(line) +
                  ": not a text file: control character found");
    }
  }
}

// The character of `text` at a mark, '\0' at its end.
char character_at(std::string_view text, const YAML::Mark& mark) {
  std::size_t first = 0;
  for (int line = 0; line < mark.line; ++line) {
    first = text.find('\n', first);
    if (first == std::string_view::npos) return '\0';
    ++first;
  }
  const std::size_t at = first + static_cast<std::size_t>(mark.column);
  return at < text.size() ? text[at] : '\0';
}

// Counts the nodes of a text before building them, which takes fifty times its memory.
class Counter : public YAML::EventHandler {
 public:
  Counter(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    // yaml-cpp reads a comma in place of a document as any number of empty documents.
    const char c = character_at(text_, mark);
    const bool is_stray = std::string_view(",]}").find(c) != std::string_view::npos;
    throw usage(place(file_, mark) + ": " +
                (is_stray ? std::string("not valid YAML: unexpected '") + c + "'"
                          : "expected one document, found a second"));
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    count(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    descend(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    descend(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void count(const YAML::Mark& mark) {
    if (++values_ <= kMostValues) return;
    throw usage(place(file_, mark) + ": expected at most " + format_count(kMostValues) +
                " values, found more");
  }
  void descend(const YAML::Mark& mark) {
    count(mark);
    if (++depth_ > kDeepest) throw usage(place(file_, mark) + ": nested too deeply");
  }

  std::string_view text_;
  const std::string& file_;
  int documents_ = 0, values_ = 0, depth_ = 0;
};

void check_document(const std::string& text, const std::string& file) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Counter counter(text, file);
  while (parser.HandleNextDocument(counter)) {
  }
}

bool is_merge_key(const YAML::Node& key) {
  return key.IsScalar() && key.Scalar() == "<<" && key.Tag() != "!";
}

// Marks merged nodes. `seen` holds the places of lists and maps, which aliases share.
void mark_merged(const YAML::Node& node, std::set<int>& seen) {
  if (!node.IsSequence() && !node.IsMap()) return;
  if (!seen.insert(node.Mark().pos).second) return;
  for (const auto& item : node) {
    if (node.IsSequence()) {
      mark_merged(item, seen);
      continue;
    }
    if (is_merge_key(item.first)) {
      const auto mark = [](YAML::Node source) {
        if (source.IsMap()) source.SetTag(kMergedTag);
      };
      mark(item.second);
      if (item.second.IsSequence()) std::ranges::for_each(item.second, mark);
    }
    mark_merged(item.second, seen);
  }
}

// Collects the entries of nested merged maps. A few aliases can expand to endlessly many; the
// limits prevent that.
class Merger {
 public:
  Entries take() { return std::move(entries_); }

  void add(const YAML::Node& map, int depth) {
    if (depth > kMostMerges || ++maps_ > kMostMerges) throw usage("<<: too many maps are merged");
    std::set<std::string> own;
    std::vector<YAML::Node> sources;
    for (const auto& entry : map) {
      if (is_merge_key(entry.first)) {
        add_sources(entry.second, sources);
        continue;
      }
      const std::string name = entry.first.IsScalar() ? option_name(entry.first.Scalar()) : "";
      if (!name.empty() && names_.contains(name)) continue;
      own.insert(name);
      entries_.emplace_back(entry.first, entry.second);
    }
    names_.insert(own.begin(), own.end());
    for (const YAML::Node& source : sources) add(source, depth + 1);
  }

 private:
  static constexpr int kMostMerges = 100;

  static void add_sources(const YAML::Node& value, std::vector<YAML::Node>& sources) {
    const auto add = [&](const YAML::Node& source) {
      if (!source.IsMap()) {
        throw usage("<<: expected a map or a list of maps, found " + node_text(source));
      }
      sources.push_back(source);
    };
    if (value.IsSequence()) {
      std::ranges::for_each(value, add);
    } else {
      add(value);
    }
  }

  Entries entries_;
  std::set<std::string> names_;
  int maps_ = 0;
};

}  // namespace

std::string place(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : file + " line " + std::to_string(mark.line + 1);
}

std::string node_text(const YAML::Node& node) {
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a map";
  return node.IsScalar() ? quote(node.Scalar()) : "nothing";
}

std::optional<YAML::Node> load_document(std::string_view bytes, const std::string& file) {
  const std::string text = decode_text(bytes);
  check_characters(text, file);
  check_document(text, file);
  const YAML::Node document = YAML::Load(text);
  if (document.IsNull()) return std::nullopt;
  std::set<int> seen;
  mark_merged(document, seen);
  return document;
}

Entries entries_of(const YAML::Node& map) {
  Merger merger;
  merger.add(map, 0);
  return merger.take();
}

bool is_merged(const YAML::Node& node) { return node.IsMap() && node.Tag() == kMergedTag; }

}  // namespace snn
