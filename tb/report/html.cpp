// SPDX-License-Identifier: Apache-2.0
#include "tb/report/html.h"

#include <cmath>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "tb/report/page.h"

namespace vitruvian::tb {
namespace {

using models::Instruction;
using systemc::CoreResult;
using systemc::Record;

// Numbers, separated by commas.
class Row {
 public:
  void add(std::uint64_t value) {
    if (!text_.empty()) text_ += ',';
    const fmt::format_int digits{value};
    text_.append(digits.data(), digits.size());
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Each different instruction once: its row in the instruction table, then its fields' values.
class Codes {
 public:
  std::size_t of(const Instruction& instruction) {
    Row row;
    row.add(instruction.index());
    for (const models::FieldInfo& field : models::info(instruction).fields)
      row.add(field.get(instruction));
    const auto [place, fresh] = numbers_.try_emplace(row.text(), numbers_.size());
    if (fresh) {
      if (!text_.empty()) text_ += ',';
      text_ += '[' + row.text() + ']';
    }
    return place->second;
  }
  const std::string& text() const { return text_; }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
  std::string text_;
};

nlohmann::ordered_json field_json(const models::FieldInfo& field) {
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  for (const models::EnumValue& value : field.values)
    values[std::to_string(value.value)] = value.name;
  return {{"name", field.name},
          {"hex", field.kind == models::FieldKind::address},
          {"optional", !field.required},
          {"usual", field.default_value},
          {"values", values}};
}

std::string operations_json() {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const models::InstructionInfo& row : models::instruction_table) {
    nlohmann::ordered_json fields = nlohmann::ordered_json::array();
    for (const models::FieldInfo& field : row.fields) fields.push_back(field_json(field));
    const Instruction sample = row.make();
    all.push_back({{"name", row.name},
                   {"sync", is_sync(sample)},
                   {"raises", std::holds_alternative<models::SetFlag>(sample)},
                   {"fields", fields}});
  }
  return all.dump();
}

std::string spans_row(const RunResult& result, const CoreResult& core, const PipeTimeline& pipe,
                      Codes& codes) {
  Row row;
  std::uint64_t number = 0, start = 0;
  for (const Span& span : pipe.spans) {
    const Record& record = core.records[span.record];
    row.add(record.instruction - number);
    row.add(codes.of(result.program.instructions[record.instruction]));
    row.add(record.start.value() - start);
    row.add(record.start.value() - record.issue.value());
    row.add(record.end.value() - record.start.value());
    row.add(span.lane);
    row.add(static_cast<std::uint64_t>(span.wait));
    row.add(span.wait_cycles);
    row.add(span.unit_flag_cycles);
    row.add(span.bank_cycles);
    number = record.instruction;
    start = record.start.value();
  }
  return row.text();
}

std::string segments_row(const PipeTimeline& pipe) {
  Row row;
  std::uint64_t at = 0;
  for (const systemc::Segment& segment : pipe.segments) {
    row.add(segment.from.value() - at);
    row.add(static_cast<std::uint64_t>(segment.state));
    row.add((segment.to - segment.from).value());
    at = segment.to.value();
  }
  return row.text();
}

std::string pipe_json(const RunResult& result, const CoreResult& core, const PipeTimeline& pipe,
                      Codes& codes) {
  return fmt::format(
      "{{\"pipe\":\"{}\",\"lanes\":{},\"sync_lanes\":{},\"spans\":[{}],\"segments\":[{}],\"busy\":["
      "{}]}}",
      models::name(pipe.pipe), pipe.lanes, pipe.sync_lanes, spans_row(result, core, pipe, codes),
      segments_row(pipe), fmt::join(pipe.busy, ","));
}

// Per arrow: pipe and span that set, pipe and span that wait (places in the lists above).
std::string arrows_row(const CoreResult& core, const CoreTimeline& timeline) {
  struct Place {
    std::size_t pipe, span;
  };
  std::vector<Place> places(core.records.size(), Place{0, 0});
  for (std::size_t p = 0; p < timeline.pipes.size(); ++p) {
    for (std::size_t s = 0; s < timeline.pipes[p].spans.size(); ++s)
      places[timeline.pipes[p].spans[s].record] = {p, s};
  }
  Row row;
  for (const FlagArrow& arrow : timeline.arrows) {
    for (const Place& place : {places[arrow.set], places[arrow.wait]}) {
      row.add(place.pipe);
      row.add(place.span);
    }
  }
  return row.text();
}

std::string core_json(const RunResult& result, const CoreResult& core, const CoreTimeline& timeline,
                      Codes& codes) {
  std::string pipes;
  for (const PipeTimeline& pipe : timeline.pipes) {
    if (!pipes.empty()) pipes += ",\n";
    pipes += pipe_json(result, core, pipe, codes);
  }
  std::vector<long> per_mille;
  for (const double share : timeline.utilisation) per_mille.push_back(std::lround(share * 1000));
  return fmt::format("{{\"pipes\":[{}],\n\"arrows\":[{}],\"utilisation\":[{}]}}", pipes,
                     arrows_row(core, timeline), fmt::join(per_mille, ","));
}

nlohmann::ordered_json parameters_json(const ChipConfig& chip) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const ChipKey& key : chip_keys())
    rows.push_back({key.key, key.get(chip), key.unit, key.doc});
  return rows;
}

std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// Inside a <script> only "<" can end the data; in JSON it stands in strings only.
std::string without_tags(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string page_data(const RunResult& result, const Timeline& timeline,
                      std::string_view result_json) {
  Codes codes;
  std::string cores;
  for (std::size_t c = 0; c < timeline.cores.size(); ++c) {
    if (c != 0) cores += ",\n";
    cores += core_json(result, result.cores[c], timeline.cores[c], codes);
  }
  return fmt::format(
      "{{\"result\":{},\"clock_mhz\":{},\"chip_description\":{},\"parameters\":{},\n\"end\":{},"
      "\"window\":{},"
      "\"recorded\":{},\"states\":{},\n\"operations\":{},\n\"codes\":[{}],\n\"cores\":[{}]}}",
      result_json, result.chip.clock_mhz(), text_of(result.chip.description),
      text_of(parameters_json(result.chip)), timeline.end, timeline.window, timeline.recorded,
      text_of(systemc::state_names), operations_json(), codes.text(), cores);
}

std::string report_html(const RunResult& result, const Timeline& timeline,
                        std::string_view result_json) {
  std::string page{page_before_data};
  page += without_tags(page_data(result, timeline, result_json));
  page += page_after_data;
  return page;
}

}  // namespace vitruvian::tb
