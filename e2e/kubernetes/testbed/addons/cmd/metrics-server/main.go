// metrics-server, which kubectl top and the autoscaler ask.
package main

import (
	"os"

	"k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/logs"
	"sigs.k8s.io/metrics-server/cmd/metrics-server/app"
)

func main() {
	logs.InitLogs()
	err := app.NewMetricsServerCommand(server.SetupSignalHandler()).Execute()
	logs.FlushLogs()
	if err != nil {
		os.Exit(1)
	}
}
