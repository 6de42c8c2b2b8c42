// The networks that can be exported, one function each: what src/nets computes, written as a graph.
#pragma once

#include <string>
#include <vector>

#include "exporter/maker.h"

namespace thorax::exporter {

void build_resnet(Maker& maker);
void build_resnet3d(Maker& maker);
void build_medicalnet(Maker& maker);
void build_slab_resnet(Maker& maker);
void build_slab_cnn(Maker& maker);
void build_body_part_regression(Maker& maker);
void build_mlp_head(Maker& maker);
void build_vit(Maker& maker);
void build_dinov2(Maker& maker);
void build_ct_image_encoder(Maker& maker);
void build_ctclip(Maker& maker);
void build_classfine(Maker& maker);
void build_swin_unetr(Maker& maker);

/// Ids of the networks that can be exported, sorted.
std::vector<std::string> exportable_networks();

/// Throws Error("cannot_export"_code), naming the networks that can be, when this one cannot.
void require_exportable(const weights::Manifest& manifest, const std::string& format);

/// The graph of a model whose network can be exported. Outputs have the names that the native
/// network gives them.
Graph build_graph(const Source& source);

}  // namespace thorax::exporter
