// Command make writes the schemas that manifests are held to, one for each kind
// that they use, from what Kubernetes and the Gateway API publish:
//
//	make SWAGGER.json CRD.yaml… KIND…
//
// See `make k8s-schemas`. They are strict: a field that is not known is a fault.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

type object = map[string]any

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	kinds := map[string]bool{}
	for _, a := range args {
		if !strings.Contains(a, "/") {
			kinds[a] = true
		}
	}
	for _, a := range args {
		var err error
		switch {
		case strings.HasSuffix(a, ".json"):
			err = fromSwagger(a, kinds)
		case strings.HasSuffix(a, ".yaml"):
			err = fromCRD(a)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
	}
	return nil
}

// fromSwagger writes the newest stable version of each kind, with what it refers
// to within.
func fromSwagger(path string, kinds map[string]bool) error {
	var doc struct{ Definitions map[string]object }
	if err := read(path, &doc); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Definitions)) {
		gvks, _ := doc.Definitions[name]["x-kubernetes-group-version-kind"].([]any)
		if len(gvks) != 1 {
			continue
		}
		gvk := gvks[0].(object)
		if kind, version := gvk["kind"].(string), gvk["version"].(string); kinds[kind] && !strings.Contains(version, "beta") && !strings.Contains(version, "alpha") {
			used := object{}
			collect(doc.Definitions, name, used)
			schema := object{"$ref": "#/definitions/" + name, "definitions": used}
			if err := write(kind, gvk["group"].(string), version, schema); err != nil {
				return err
			}
		}
	}
	return nil
}

func collect(all map[string]object, name string, used object) {
	if used[name] != nil {
		return
	}
	used[name] = true // being made
	used[name] = strict(all[name], func(ref string) { collect(all, ref, used) })
	switch name {
	case "io.k8s.apimachinery.pkg.api.resource.Quantity":
		used[name] = object{"type": []string{"string", "number"}}
	case "io.k8s.apimachinery.pkg.util.intstr.IntOrString":
		used[name] = object{"type": []string{"string", "integer"}}
	}
}

func fromCRD(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var crd struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema object }
			}
		}
	}
	if err := yaml.Unmarshal(data, &crd); err != nil {
		return err
	}
	for _, v := range crd.Spec.Versions {
		schema := strict(v.Schema.OpenAPIV3Schema, func(string) {}).(object)
		delete(schema["properties"].(object)["metadata"].(object), "additionalProperties")
		if err := write(crd.Spec.Names.Kind, crd.Spec.Group, v.Name, schema); err != nil {
			return err
		}
	}
	return nil
}

// strict closes every object and leaves out what only people read.
func strict(v any, ref func(string)) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = strict(v[i], ref)
		}
		return out
	case object:
		out := object{}
		for key, value := range v {
			if key == "properties" {
				properties := object{}
				for name, p := range value.(object) {
					properties[name] = strict(p, ref)
				}
				out[key] = properties
				continue
			}
			if key == "description" || key == "default" || key == "format" || strings.HasPrefix(key, "x-kubernetes-") && key != "x-kubernetes-int-or-string" {
				continue
			}
			if target, ok := value.(string); ok && key == "$ref" {
				ref(strings.TrimPrefix(target, "#/definitions/"))
			}
			out[key] = strict(value, ref)
		}
		if out["properties"] != nil && out["additionalProperties"] == nil {
			out["additionalProperties"] = false
		}
		return out
	}
	return v
}

func read(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func write(kind, group, version string, schema object) error {
	data, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	name := kind
	if short, _, _ := strings.Cut(group, "."); short != "" {
		name += "-" + short
	}
	return os.WriteFile("schemas/"+strings.ToLower(name+"-"+version)+".json", append(data, '\n'), 0o644)
}
