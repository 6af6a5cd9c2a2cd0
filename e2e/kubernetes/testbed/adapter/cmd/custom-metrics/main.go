// An adapter for custom metrics of Services: the sum of a series over all pods of a Service, read from their own
// management as a Prometheus would, so that none is needed. `services/<name>/<series>` is what the autoscaler asks for.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/logs"
	"k8s.io/klog/v2"
	"k8s.io/metrics/pkg/apis/custom_metrics"
	"sigs.k8s.io/custom-metrics-apiserver/pkg/cmd"
	"sigs.k8s.io/custom-metrics-apiserver/pkg/provider"
)

// The port of pods that has the metrics.
const portName = "management"

var services = schema.GroupResource{Resource: "services"}

type reader struct {
	cluster kubernetes.Interface
	http    http.Client
}

func (r *reader) ListAllMetrics() []provider.CustomMetricInfo {
	return []provider.CustomMetricInfo{
		{GroupResource: services, Namespaced: true, Metric: "valuation_trades_queued"},
	}
}

func (r *reader) GetMetricByName(
	ctx context.Context, name types.NamespacedName, info provider.CustomMetricInfo, _ labels.Selector,
) (*custom_metrics.MetricValue, error) {
	if info.GroupResource != services {
		return nil, provider.NewMetricNotFoundForError(info.GroupResource, info.Metric, name.Name)
	}
	places, err := r.places(ctx, name)
	if err != nil {
		return nil, err
	}
	sum, found := 0.0, false
	for _, place := range places {
		value, has, err := r.read(ctx, place, info.Metric)
		if err != nil {
			klog.Warningf("%s: %v", place, err) // one that starts or ends has no figures
			continue
		}
		sum, found = sum+value, found || has
	}
	klog.Infof("%s of %s: %v of %d pods", info.Metric, name, sum, len(places))
	if !found {
		return nil, provider.NewMetricNotFoundForError(info.GroupResource, info.Metric, name.Name)
	}
	return &custom_metrics.MetricValue{
		DescribedObject: custom_metrics.ObjectReference{
			APIVersion: "v1", Kind: "Service", Name: name.Name, Namespace: name.Namespace,
		},
		Metric:    custom_metrics.MetricIdentifier{Name: info.Metric},
		Timestamp: meta.Now(),
		Value:     *resource.NewMilliQuantity(int64(sum*1000), resource.DecimalSI),
	}, nil
}

func (r *reader) GetMetricBySelector(
	_ context.Context, _ string, _ labels.Selector, info provider.CustomMetricInfo, _ labels.Selector,
) (*custom_metrics.MetricValueList, error) {
	return nil, provider.NewMetricNotFoundError(info.GroupResource, info.Metric)
}

// Addresses with the port, of all pods of the Service.
func (r *reader) places(ctx context.Context, name types.NamespacedName) ([]string, error) {
	ofService := meta.ListOptions{LabelSelector: discovery.LabelServiceName + "=" + name.Name}
	slices, err := r.cluster.DiscoveryV1().EndpointSlices(name.Namespace).List(ctx, ofService)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, slice := range slices.Items {
		for _, port := range slice.Ports {
			if port.Name == nil || port.Port == nil || *port.Name != portName {
				continue
			}
			for _, endpoint := range slice.Endpoints {
				places = append(places, net.JoinHostPort(endpoint.Addresses[0], fmt.Sprint(*port.Port)))
			}
		}
	}
	return places, nil
}

// The sum over the labels of the series, and whether there is one.
func (r *reader) read(ctx context.Context, place, series string) (sum float64, found bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+place+"/metrics", nil)
	if err != nil {
		return 0, false, err
	}
	answer, err := r.http.Do(request)
	if err != nil {
		return 0, false, err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		rest, isNamed := strings.CutPrefix(lines.Text(), series)
		if !isNamed || (!strings.HasPrefix(rest, "{") && !strings.HasPrefix(rest, " ")) {
			continue
		}
		value, err := strconv.ParseFloat(rest[strings.LastIndex(rest, " ")+1:], 64)
		if err != nil {
			return 0, false, err
		}
		sum, found = sum+value, true
	}
	return sum, found, lines.Err()
}

func main() {
	logs.InitLogs()
	defer logs.FlushLogs()
	adapter := &cmd.AdapterBase{Name: "custom-metrics"}
	if err := adapter.Flags().Parse(os.Args[1:]); err != nil {
		klog.Fatal(err)
	}
	config, err := adapter.ClientConfig()
	if err != nil {
		klog.Fatal(err)
	}
	cluster, err := kubernetes.NewForConfig(config)
	if err != nil {
		klog.Fatal(err)
	}
	adapter.WithCustomMetrics(&reader{cluster, http.Client{Timeout: 2 * time.Second}})
	if err := adapter.Run(context.Background()); err != nil {
		klog.Fatal(err)
	}
}
