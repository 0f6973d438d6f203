#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn {

/// One term of a sum that is written `A + 0.5*B`.
struct Summand {
  double weight = 1.0;
  std::string_view text;  ///< without the weight
};

/// Cuts a sum into its terms; `what` calls one in messages: "loss". A `+` in a number's exponent
/// (1e+3) joins no terms. Throws Error(kUsage) for a missing term and for a weight that is not a
/// number above 0.
std::vector<Summand> split_sum(std::string_view what, std::string_view text);

/// The text of a term with this weight; a weight of 1 is not stated.
std::string weighted_text(double weight, const std::string& text);

/// The terms of a sum, `read` from the text of each, with their weights. A mistake in one of
/// several is reported with its number and text. Throws Error(kUsage) as split_sum() and `read` do.
template <class Term>
std::vector<Term> parse_sum(std::string_view what, std::string_view text,
                            Term (*read)(std::string_view)) {
  const std::vector<Summand> summands = split_sum(what, text);
  std::vector<Term> terms;
  for (const auto& [weight, own_text] : summands) {
    try {
      terms.push_back(read(own_text));
      terms.back().weight = weight;
    } catch (const Error& error) {
      if (summands.size() == 1) throw;
      throw Error(error.code(), "term " + std::to_string(terms.size() + 1) + " (" +
                                    quote(own_text) + "): " + error.what());
    }
  }
  return terms;
}

/// The terms' texts, joined so that parse_sum() reads them back.
template <class Term>
std::string sum_text(const std::vector<Term>& terms, std::string (*write)(const Term&)) {
  std::vector<std::string> pieces;
  for (const Term& term : terms) pieces.push_back(weighted_text(term.weight, write(term)));
  return join(pieces, " + ");
}

}  // namespace snn
