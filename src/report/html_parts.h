// The parts of a page. Each returns HTML; empty when there is nothing to show.
#pragma once

#include <optional>
#include <string>

#include "report/html.h"

namespace thorax::report {

/// <section class="panel" id=…> with a heading; empty without content.
std::string panel(const std::string& id, const Text& title, const std::string& content);

/// What can be switched in the pictures of a page.
struct Switches {
  bool windows = false, marks = false;
};

/// Opens a page up to and including the top bar; `heading` is HTML.
std::string page_open(const std::string& title, const std::string& heading, Language language,
                      const Switches& switches);
std::string page_close();

/// A disc: full for pathology, ring for normal, dashed ring for uncertain, cross for refused.
std::string verdict_sign(const StudyResult& result);
Text verdict_word(const StudyResult& result);

std::string plane_figures(const StudyResult& result);
std::string key_figures(const StudyResult& result, std::size_t picture_budget);
/// Number of the key picture that shows a lesion or a finding; nothing when none does.
std::optional<int> key_of_lesion(const StudyResult& result, int lesion);
std::optional<int> key_of_finding(const StudyResult& result, const std::string& finding_id);
std::string link_to_key(std::optional<int> group);

std::string verdict_panel(const StudyResult& result);
std::string other_findings(const StudyResult& result);  ///< negative and not analysed

std::string body_part_prose(const StudyResult& result);  ///< what a network says of the body part
std::string network_tables(const StudyResult& result);   ///< what learned networks say

std::string histogram_figure(const StudyResult& result);
std::string measurement_table(const Measurements& measurements);
std::string lesion_table(const StudyResult& result);
std::string series_table(const StudyResult& result);
std::string set_aside_table(const StudyResult& result);
std::string notice_list(const std::vector<Notice>& notices);
std::string report_prose(const StudyResult& result);
std::string provenance_list(const StudyResult& result);

}  // namespace thorax::report
